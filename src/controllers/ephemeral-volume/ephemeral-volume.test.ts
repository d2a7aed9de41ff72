import test from 'ava';
import { type Pod, resources } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { ephemeralVolumeController } from './controller.ts';
import { planClaims } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const template = { metadata: { labels: { of: 'p' } }, spec: { accessModes: ['ReadWriteOnce'] } };
const pod = (parts: { readonly status?: object; readonly metadata?: object } = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'pod-1', ...parts.metadata },
    spec: {
      containers: [],
      volumes: [
        { name: 'scratch', ephemeral: { volumeClaimTemplate: template } },
        { name: 'plain', emptyDir: {} },
      ],
    },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  });
const claimOwnedBy = (uid: string): ReturnType<typeof pod> =>
  pod({ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }] } });

test('each ephemeral volume gets a claim that is named after pod and volume and owned by the pod', (t) => {
  const [action, ...others] = planClaims(pod(), () => undefined);
  t.deepEqual(others, []);
  t.like(action, {
    type: 'create',
    claim: {
      metadata: {
        name: 'p-scratch',
        namespace: 'ns',
        labels: { of: 'p' },
        ownerReferences: [{ kind: 'Pod', name: 'p', uid: 'pod-1', controller: true }],
      },
      spec: template.spec,
    },
  });
});

test("a claim that is the pod's is left alone, and one that is not is told of", (t) => {
  t.deepEqual(
    planClaims(pod(), () => claimOwnedBy('pod-1')),
    [],
  );
  t.deepEqual(
    planClaims(pod(), () => claimOwnedBy('pod-0')),
    [
      {
        type: 'warn',
        message: 'ephemeral volume controller: PVC ns/p-scratch was not created for pod ns/p (pod is not owner)',
      },
    ],
  );
});

test('a pod that has ended or is being deleted gets no claims', (t) => {
  const none = (): undefined => undefined;
  t.deepEqual(planClaims(pod({ status: { phase: 'Succeeded' } }), none), []);
  t.deepEqual(planClaims(pod({ metadata: { deletionTimestamp: 'now' } }), none), []);
});

test('a claim that somebody deletes is made again for its pod', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [ephemeralVolumeController()]);
  await cluster.make(resources.pods, { ...pod() } as never);
  await harness.settle();
  const names = (): readonly string[] =>
    cluster.view.list<Pod>(resources.persistentVolumeClaims, 'ns').map(({ metadata }) => metadata.name);
  t.deepEqual(names(), ['p-scratch']);
  await cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'ns', name: 'p-scratch' });
  await harness.settle();
  t.deepEqual(names(), ['p-scratch']);
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'p' });
  await cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'ns', name: 'p-scratch' });
  await harness.settle();
  t.deepEqual(names(), []);
});
