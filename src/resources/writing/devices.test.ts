import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { type Harness, startHarness, statusLine } from '../testing/harness.ts';

const claims = (version: string): string => `/apis/resource.k8s.io/${version}/namespaces/default/resourceclaims`;
const on = {
  settings: {
    features: ['DynamicResourceAllocation'],
    optionalVersions: ['resource.k8s.io/v1beta1', 'resource.k8s.io/v1beta2'],
  },
};
const pods = '/api/v1/namespaces/default/pods';
const pod = {
  metadata: { name: 'p' },
  spec: {
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }],
    containers: [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }],
  },
};
const claimStatuses = { status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] } };

test('pods name claims where the cluster has them, and nowhere else', async (t) => {
  const wanted = {
    resourceClaims: pod.spec.resourceClaims,
    containers: [{ resources: { claims: [{ name: 'gpu' }] } }],
  };
  const h = await startHarness(on);
  t.like((await h.post(pods, pod)).spec, wanted);
  t.like(await h.patch(`${pods}/p/status`, 'merge', claimStatuses), claimStatuses);
  const off = await startHarness();
  const spec = (await off.post(pods, pod))['spec'] as JsonObject;
  t.deepEqual([spec['resourceClaims'], (spec['containers'] as JsonObject[])[0]?.['resources']], [undefined, {}]);
  t.deepEqual(
    (await off.patch(`${pods}/p/status`, 'merge', claimStatuses)).status,
    (await off.get(`${pods}/p`)).status,
  );
  const deployment = await off.post('/apis/apps/v1/namespaces/default/deployments', {
    metadata: { name: 'd' },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: pod.spec } },
  });
  t.false(JSON.stringify(deployment).includes('gpu'));
});

test('a claim is stored once and read in both versions', async (t) => {
  const h = await startHarness(on);
  const made = await h.post(claims('v1beta2'), {
    metadata: { name: 'c' },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'k' } }] } },
  });
  t.like(made, { apiVersion: 'resource.k8s.io/v1beta2', spec: { devices: { requests: [{ exactly: { count: 1 } }] } } });
  t.like(await h.get(`${claims('v1beta1')}/c`), {
    apiVersion: 'resource.k8s.io/v1beta1',
    spec: { devices: { requests: [{ name: 'r', deviceClassName: 'k', count: 1 }] } },
  });
  t.deepEqual((await h.list(claims('v1beta2'))).names, ['c']);
  const status = await h.patch(`${claims('v1beta2')}/c/status`, 'merge', {
    status: { reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] },
  });
  t.regex(statusLine(status), /may not be specified when `allocated` is not set/);
});

test('slices are found by their node and driver', async (t) => {
  const h = await startHarness(on);
  const slices = '/apis/resource.k8s.io/v1beta2/resourceslices';
  for (const node of ['a', 'b'])
    await h.post(slices, {
      metadata: { name: node },
      spec: { driver: 'd.example.com', nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1 } },
    });
  t.deepEqual((await h.list(slices, { fieldSelector: 'spec.nodeName=b' })).names, ['b']);
  t.deepEqual((await h.list(slices, { fieldSelector: 'spec.driver=d.example.com' })).names, ['a', 'b']);
});

async function adminClaim(h: Harness, version: string, request: JsonObject): Promise<KubeObject> {
  return await h.post(claims(version), {
    metadata: { generateName: 'c-' },
    spec: { devices: { requests: [{ name: 'r', ...request }] } },
  });
}

test('devices in use by others are only for namespaces that are marked for it', async (t) => {
  const h = await startHarness(on);
  const [flat, exact] = [
    { deviceClassName: 'k', adminAccess: true },
    { exactly: { deviceClassName: 'k', adminAccess: true } },
  ];
  const refused = /admin access to devices requires the `resource.k8s.io\/admin-access: true` label/;
  t.regex(statusLine(await adminClaim(h, 'v1beta1', flat)), refused);
  t.regex(statusLine(await adminClaim(h, 'v1beta2', exact)), refused);
  await h.patch('/api/v1/namespaces/default', 'merge', {
    metadata: { labels: { 'resource.k8s.io/admin-access': 'true' } },
  });
  t.is((await adminClaim(h, 'v1beta1', flat)).kind, 'ResourceClaim');
  t.is((await adminClaim(h, 'v1beta2', exact)).kind, 'ResourceClaim');
});

test('a node publishes devices of its own and no others', async (t) => {
  const h = await startHarness(on);
  const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
  const slices = '/apis/resource.k8s.io/v1beta1/resourceslices';
  const slice = (node: string): object => ({
    metadata: { name: node },
    spec: { driver: 'd.example.com', nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1 } },
  });
  t.is((await h.post(slices, slice('n1'), { user })).kind, 'ResourceSlice');
  t.regex(statusLine(await h.post(slices, slice('n2'), { user })), /same NodeName as the requesting node/);
  await h.post(slices, slice('n2'));
  t.regex(statusLine(await h.remove(`${slices}/n2`, {}, { user })), /same NodeName as the requesting node/);
  t.is((await h.get(`${slices}/n2`)).kind, 'ResourceSlice');
  await h.remove(`${slices}/n1`, {}, { user });
  t.is((await h.get(`${slices}/n1`)).kind, 'Status');
});

test('quotas count the devices of a class, whatever the version', async (t) => {
  const h = await startHarness(on);
  const hard = { 'k.deviceclass.resource.k8s.io/devices': '3', 'count/resourceclaims.resource.k8s.io': '3' };
  await h.post('/api/v1/namespaces/default/resourcequotas', { metadata: { name: 'q' }, spec: { hard } });
  const quota = '/api/v1/namespaces/default/resourcequotas/q';
  await h.patch(`${quota}/status`, 'merge', {
    status: { hard, used: Object.fromEntries(Object.keys(hard).map((name) => [name, '0'])) },
  });
  const claim = (version: string, request: JsonObject): Promise<KubeObject> =>
    h.post(claims(version), { metadata: { generateName: 'c-' }, spec: { devices: { requests: [request] } } });
  const alternatives = [
    { name: 'a', deviceClassName: 'k', count: 2 },
    { name: 'b', deviceClassName: 'k' },
  ];
  t.is((await claim('v1beta1', { name: 'r', firstAvailable: alternatives })).kind, 'ResourceClaim');
  t.is((await claim('v1beta2', { name: 'r', exactly: { deviceClassName: 'k' } })).kind, 'ResourceClaim');
  t.is((await claim('v1beta1', { name: 'r', deviceClassName: 'other' })).kind, 'ResourceClaim');
  const one = await claim('v1beta2', { name: 'r', exactly: { deviceClassName: 'k' } });
  t.regex(statusLine(one), /exceeded quota: q.*k.deviceclass.resource.k8s.io\/devices=1/);
});
