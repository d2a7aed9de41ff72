import test from 'ava';
import type { JsonObject } from '../../../api/index.ts';
import type { WritePorts } from '../../ports.ts';
import { type Harness, startHarness } from '../../testing/harness.ts';
import { checkToken } from './node-tokens.ts';
import type { AdmissionRequest } from '../request.ts';

const core = '/api/v1/namespaces/default';
const storage = '/apis/storage.k8s.io/v1';

/** A pod of node n1 whose volumes need tokens for `projected`, and for what three CSI drivers ask for. */
async function cluster(): Promise<{ readonly h: Harness; readonly uid: string }> {
  const h = await startHarness();
  for (const name of ['inline', 'claimed', 'made'])
    await h.post(`${storage}/csidrivers`, {
      metadata: { name: `${name}.csi` },
      spec: { tokenRequests: [{ audience: name }] },
    });
  for (const [claim, driver] of [
    ['c', 'claimed'],
    ['p-e', 'made'],
  ]) {
    await h.post('/api/v1/persistentvolumes', {
      metadata: { name: driver },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        csi: { driver: `${driver}.csi`, volumeHandle: 'h' },
      },
    });
    await h.post(`${core}/persistentvolumeclaims`, {
      metadata: { name: claim },
      spec: { volumeName: driver, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
  }
  const volumes = [
    { name: 'a', projected: { sources: [{ serviceAccountToken: { audience: 'projected', path: 't' } }] } },
    { name: 'b', csi: { driver: 'inline.csi' } },
    { name: 'd', persistentVolumeClaim: { claimName: 'c' } },
    {
      name: 'e',
      ephemeral: {
        volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      },
    },
  ];
  const pod = await h.post(`${core}/pods`, {
    metadata: { name: 'p' },
    spec: { nodeName: 'n1', volumes, containers: [{ name: 'c', image: 'i' }] },
  });
  return { h, uid: pod.metadata.uid ?? '' };
}

async function problem(
  { h, uid }: { readonly h: Harness; readonly uid: string },
  audiences: readonly string[],
  authorize?: WritePorts['authorize'],
): Promise<string> {
  const object = {
    spec: { audiences: [...audiences], boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid } },
  } as JsonObject;
  const request = {
    operation: 'CREATE',
    subresource: 'token',
    info: { group: '', resource: 'serviceaccounts' },
    namespace: 'default',
    name: 'default',
    object,
    user: { name: 'system:node:n1', groups: [] },
  } as unknown as AdmissionRequest;
  try {
    await checkToken(request, 'n1', { store: h.store, authorize } as unknown as WritePorts);
    return '';
  } catch (error) {
    return String(error).replace(/^.* is forbidden: /, '');
  }
}

test('a node gets tokens for the audiences that its pod needs', async (t) => {
  const world = await cluster();
  for (const audience of ['projected', 'inline', 'claimed', 'made', ''])
    t.is(await problem(world, audience === '' ? [] : [audience]), '', audience);
  t.is(await problem(world, ['projected', 'inline']), 'node may only request 0 or 1 audiences');
});

test('for any other audience a node must have the right to ask', async (t) => {
  const world = await cluster();
  const refusal =
    'audience "x" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience';
  t.is(await problem(world, ['x']), refusal);
  t.is(await problem(world, ['x'], async () => ({ allowed: false, reason: '' })), refusal);
  t.is(
    await problem(world, ['x'], ({ verb, resource, name }) => ({
      allowed: `${verb} ${resource} ${name}` === 'request-serviceaccounts-token-audience x default',
      reason: '',
    })),
    '',
  );
});
