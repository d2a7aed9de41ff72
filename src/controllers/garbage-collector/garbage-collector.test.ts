import test from 'ava';
import { allResources, type OwnerReference, resources, type StoredObject } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { garbageCollector } from './controller.ts';

function world(): {
  cluster: MemoryCluster;
  harness: Harness;
  make: (name: string, owners?: readonly Partial<OwnerReference>[]) => Promise<StoredObject>;
  names: () => string[];
  remove: (name: string, propagation: 'Background' | 'Foreground' | 'Orphan') => Promise<void>;
} {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [garbageCollector(allResources)]);
  return {
    cluster,
    harness,
    make: async (name, owners = []) =>
      cluster.make(resources.configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name,
          namespace: 'ns',
          ...(owners.length === 0
            ? {}
            : { ownerReferences: owners.map((owner) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...owner })) }),
        },
      }),
    names: () => cluster.view.list<StoredObject>(resources.configMaps, 'ns').map((object) => object.metadata.name),
    remove: async (name, propagation) =>
      cluster.client.delete({ ...resources.configMaps, namespace: 'ns', name }, { propagation }),
  };
}

const ref = (object: StoredObject, more: Partial<OwnerReference> = {}): Partial<OwnerReference> => ({
  name: object.metadata.name,
  uid: object.metadata.uid,
  ...more,
});

test('an object whose only owner never was is deleted', async (t) => {
  const { harness, make, names } = world();
  await make('lost', [{ name: 'nobody', uid: '1111' }]);
  await harness.settle();
  t.deepEqual(names(), []);
});

test('dependents follow a deleted owner; one with another owner only loses the reference', async (t) => {
  const { cluster, harness, make, names, remove } = world();
  const [first, second] = [await make('o1'), await make('o2')];
  await make('d1', [ref(first)]);
  await make('d12', [ref(first), ref(second)]);
  await remove('o1', 'Background');
  await harness.settle();
  t.deepEqual(names(), ['d12', 'o2']);
  t.deepEqual(
    cluster.view
      .get<StoredObject>(resources.configMaps, 'ns', 'd12')
      ?.metadata.ownerReferences?.map((owner) => owner.name),
    ['o2'],
  );
});

test('orphaning frees the dependents and then the owner goes', async (t) => {
  const { cluster, harness, make, names, remove } = world();
  await make('d', [ref(await make('o'), { blockOwnerDeletion: true })]);
  await remove('o', 'Orphan');
  await harness.settle();
  t.deepEqual(names(), ['d']);
  t.is(cluster.view.get<StoredObject>(resources.configMaps, 'ns', 'd')?.metadata.ownerReferences, undefined);
});

test('a foreground deletion waits for the dependents that block it, all the way down', async (t) => {
  const { cluster, harness, make, names, remove } = world();
  const top = await make('a');
  const middle = await make('b', [ref(top, { blockOwnerDeletion: true })]);
  await make('c', [ref(middle, { blockOwnerDeletion: true })]);
  const gone: string[] = [];
  cluster.view.onChange((change) => {
    if (change.type === 'delete') gone.push(change.object.metadata.name ?? '');
  });
  await remove('a', 'Foreground');
  await harness.settle();
  t.deepEqual(names(), []);
  t.deepEqual(gone, ['c', 'b', 'a']);
});

test('a circle of owners stays by itself, but goes as a whole when one is deleted in the foreground', async (t) => {
  const { cluster, harness, make, names, remove } = world();
  const a = await make('a');
  const b = await make('b', [ref(a, { blockOwnerDeletion: true })]);
  const c = await make('c', [ref(b, { blockOwnerDeletion: true })]);
  await cluster.client.patch(
    { ...resources.configMaps, namespace: 'ns', name: 'a' },
    {
      type: 'merge',
      body: {
        metadata: {
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', ...ref(c, { blockOwnerDeletion: true }) }],
        },
      },
    },
  );
  await harness.settle();
  t.deepEqual(names(), ['a', 'b', 'c']);
  await remove('a', 'Foreground');
  await harness.settle();
  t.deepEqual(names(), []);
});

test('an owner of an unknown kind keeps the object', async (t) => {
  const { harness, make, names } = world();
  await make('kept', [{ apiVersion: 'example.com/v1', kind: 'Thing', name: 'x', uid: '2222' }]);
  await harness.settle();
  t.deepEqual(names(), ['kept']);
});

test('an owner of the same name but another identity is no owner', async (t) => {
  const { harness, make, names } = world();
  await make('o');
  await make('d', [{ name: 'o', uid: '3333' }]);
  await harness.settle();
  t.deepEqual(names(), ['o']);
});

test('an object whose owner is in another namespace is deleted, and its mistake is told', async (t) => {
  const { cluster, harness, make, names } = world();
  const owner = await make('o');
  await cluster.make(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'd',
      namespace: 'other',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', ...ref(owner) }],
    },
  });
  await harness.settle();
  t.is(cluster.view.get(resources.configMaps, 'other', 'd'), undefined);
  t.deepEqual(names(), ['o']);
  t.like(cluster.events[0], {
    object: 'd',
    reason: 'OwnerRefInvalidNamespace',
    message:
      `ownerRef [v1/ConfigMap, namespace: other, name: o, uid: ${owner.metadata.uid}] does not ` +
      'exist in namespace "other"',
  });
});
