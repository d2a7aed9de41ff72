import test from 'ava';
import { type Pod, resources, type StoredObject } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { claimProtectionController } from './controller.ts';
import { claimsOfPod } from '../workload/index.ts';
import { planFinalizers } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const object = (finalizers: readonly string[], deletionTimestamp?: string): StoredObject =>
  stored<StoredObject>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', uid: 'c', finalizers, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  });

const rows: readonly {
  readonly title: string;
  readonly object: StoredObject;
  readonly used?: boolean;
  readonly next: readonly string[] | undefined;
}[] = [
  { title: 'a new object is held', object: object(['other']), next: ['other', 'hold'] },
  { title: 'a held object is left alone', object: object(['hold']), next: undefined },
  {
    title: 'an object that is used stays when it is deleted',
    object: object(['hold'], 'now'),
    used: true,
    next: undefined,
  },
  { title: 'an object that nothing uses is let go', object: object(['other', 'hold'], 'now'), next: ['other'] },
  {
    title: 'an object that is being deleted is not held any more',
    object: object([], 'now'),
    used: true,
    next: undefined,
  },
];
for (const { title, object: observed, used = false, next } of rows)
  test(title, (t) => {
    t.deepEqual(
      planFinalizers(observed, 'hold', () => used),
      next,
    );
  });

test('whether an object is used is found out only when that matters', (t) => {
  const fail = (): never => {
    throw new Error('asked');
  };
  t.notThrows(() => planFinalizers(object([]), 'hold', fail));
  t.notThrows(() => planFinalizers(object([], 'now'), 'hold', fail));
});

const pod = (name: string): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', uid: name },
    spec: {
      containers: [],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
        { name: 'scratch', ephemeral: {} },
        { name: 'plain', emptyDir: {} },
      ],
    },
  });

test('a pod uses the claims that it names and those of its ephemeral volumes', (t) => {
  t.deepEqual(claimsOfPod(pod('p')), ['c', 'p-scratch']);
});

test('a pod holds its claims from its placement until it is gone', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [claimProtectionController()]);
  const claim = { ...resources.persistentVolumeClaims, namespace: 'ns', name: 'c' };
  const exists = (): boolean => cluster.view.get(resources.persistentVolumeClaims, 'ns', 'c') !== undefined;
  await cluster.make(resources.persistentVolumeClaims, { metadata: { name: 'c', namespace: 'ns' } });
  await harness.settle();
  const { spec } = pod('p');
  const { name, uid } = await cluster
    .make(resources.pods, { ...pod('p'), spec: { ...spec, nodeName: 'n' } } as never)
    .then(({ metadata }) => metadata);
  await cluster.client.delete(claim);
  await harness.settle();
  t.true(exists());
  const ended = { metadata: { uid }, status: { phase: 'Succeeded' } };
  const patch = { type: 'merge', body: ended } as const;
  const ref = { ...resources.pods, namespace: 'ns', name };
  await cluster.client.patch<Pod>(ref, patch, { subresource: 'status' });
  await harness.settle();
  t.true(exists(), 'who looks for what it left may still need it');
  await cluster.client.delete(ref);
  await harness.settle();
  t.false(exists());
});

test('an ephemeral volume is let go when its pod is shut down, and is held for no other pod', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [claimProtectionController()]);
  const { spec } = pod('p');
  const { metadata } = await cluster.make(resources.pods, {
    ...pod('p'),
    metadata: { name: 'p', namespace: 'ns', finalizers: ['example.com/keep'] },
    spec: { ...spec, nodeName: 'n' },
  } as never);
  const claims = resources.persistentVolumeClaims;
  const names = (): readonly string[] => cluster.view.list<Pod>(claims, 'ns').map((each) => each.metadata.name);
  const make = async (ownerReferences: readonly object[]): Promise<void> => {
    await cluster.make(claims, { metadata: { name: 'p-scratch', namespace: 'ns', ownerReferences } });
    await harness.settle();
    await cluster.client.delete({ ...claims, namespace: 'ns', name: 'p-scratch' });
    await harness.settle();
  };
  await make([]);
  t.deepEqual(names(), []);
  await make([{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: metadata.uid, controller: true }]);
  t.deepEqual(names(), ['p-scratch']);
  const ref = { ...resources.pods, namespace: 'ns', name: 'p' };
  await cluster.client.delete(ref);
  await harness.settle();
  t.deepEqual(names(), ['p-scratch'], 'its containers may still run');
  await cluster.client.patch(ref, { type: 'merge', body: { metadata: { deletionGracePeriodSeconds: 0 } } });
  await harness.settle();
  t.deepEqual(names(), []);
});
