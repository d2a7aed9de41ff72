import test from 'ava';
import { type PersistentVolumeClaim, StatusError, type StorageClass } from '../api/index.ts';
import { SimulatedTime } from '../platform/index.ts';
import type { ResourceClient, ResourceView } from '../resources/index.ts';
import { bindVolumes } from './bind-volumes.ts';
import { aClaim, aNode, aPod } from './cluster.fixture.ts';
import { NodeState } from './node-state.ts';

const fast = { metadata: { name: 'fast' }, provisioner: 'd', volumeBindingMode: 'WaitForFirstConsumer' };
const selectedNode = 'volume.kubernetes.io/selected-node';

interface Fields {
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** A view over a few objects, and a client that merges patches into them. */
function smallApi(objects: Map<string, Fields>): { view: ResourceView; client: ResourceClient; patched: string[] } {
  const patched: string[] = [];
  let version = 1;
  const view = {
    get: ({ resource }: { resource: string }, _namespace: string | undefined, name: string) =>
      objects.get(`${resource}/${name}`),
    list: ({ resource }: { resource: string }) =>
      [...objects].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object),
  };
  const client = {
    patch: (ref: { resource: string; name: string }, { body }: { body: Record<string, object> }) => {
      const key = `${ref.resource}/${ref.name}`;
      const before = objects.get(key) as Fields;
      const { annotations, resourceVersion, ...metadata } = (body['metadata'] ?? {}) as {
        annotations?: object;
        resourceVersion?: string;
      };
      if (resourceVersion !== before.metadata['resourceVersion'])
        return Promise.reject(new StatusError('Conflict', 'the object has been modified'));
      version += 1;
      patched.push(key);
      objects.set(key, {
        ...before,
        metadata: {
          ...before.metadata,
          ...metadata,
          annotations: { ...(before.metadata['annotations'] as object), ...annotations },
          resourceVersion: String(version + 1),
        },
        spec: { ...(before['spec'] as object), ...body['spec'] },
      });
      return Promise.resolve({});
    },
  };
  return { view: view as never, client: client as never, patched };
}

/** `meanwhile`: what others do after the scheduler decided. */
function given(volumes: readonly Fields[] = [], meanwhile?: (objects: Map<string, Fields>) => void) {
  const claim = aClaim('c', {
    storageClassName: 'fast',
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
  });
  const pod = aPod({ name: 'p' });
  const objects = new Map<string, Fields>([
    ['pods/p', pod as object as Fields],
    ['persistentvolumeclaims/c', claim as object as Fields],
    ...volumes.map((volume): [string, Fields] => [`persistentvolumes/${volume.metadata.name}`, volume]),
  ]);
  meanwhile?.(objects);
  const api = smallApi(objects);
  const time = new SimulatedTime();
  const claims = [{ claim, storageClass: fast as object as StorageClass }];
  const bound = bindVolumes(
    { ...api, clock: time, timers: time },
    { pod, node: new NodeState(aNode('n')), claims, isCurrent: () => true },
  );
  return { objects, api, time, bound };
}

function changeClaim(
  objects: Map<string, Fields>,
  annotations: object,
  spec: object = {},
  metadata: object = {},
): void {
  const claim = objects.get('persistentvolumeclaims/c') as Fields;
  objects.set('persistentvolumeclaims/c', {
    ...claim,
    metadata: { ...claim.metadata, ...metadata, annotations, resourceVersion: '99' },
    spec: { ...(claim['spec'] as object), ...spec },
  });
}

const selectedOf = (objects: Map<string, Fields>): unknown =>
  (objects.get('persistentvolumeclaims/c') as object as PersistentVolumeClaim).metadata.annotations?.[selectedNode];

test('a claim is told its node, and the pod waits until the volume is bound', async (t) => {
  const { objects, time, bound } = given();
  await time.run(100);
  t.is(selectedOf(objects), 'n');
  objects.set('persistentvolumes/v', { metadata: { name: 'v' }, spec: {} });
  changeClaim(objects, { 'pv.kubernetes.io/bind-completed': 'yes' }, { volumeName: 'v' });
  await time.run(100);
  t.is(await bound, undefined);
});

test('a claim that others change meanwhile is told its node all the same', async (t) => {
  const { objects, time, bound } = given([], (before) => {
    changeClaim(before, {}, {}, { ownerReferences: [] });
  });
  await time.run(200);
  t.is(selectedOf(objects), 'n');
  t.deepEqual((objects.get('persistentvolumeclaims/c') as Fields).metadata['ownerReferences'], []);
  objects.delete('pods/p');
  await time.run(100);
  t.is(await bound, 'the pod is gone');
});

test('a provisioner that gives a node up sends the pod back', async (t) => {
  const { objects, time, bound } = given();
  await time.run(100);
  changeClaim(objects, {});
  await time.run(100);
  t.regex((await bound) ?? '', /no volume for persistentvolumeclaim "c" can be made on n/);
});

test('a free volume is reserved for the claim instead of a new one', async (t) => {
  const spec = { storageClassName: 'fast', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] };
  const { objects, api, time, bound } = given([{ metadata: { name: 'v', resourceVersion: '1' }, spec }]);
  await time.run(100);
  t.deepEqual(api.patched, ['persistentvolumes/v']);
  t.is(selectedOf(objects), undefined);
  objects.delete('pods/p');
  await time.run(100);
  t.is(await bound, 'the pod is gone');
});

test('a volume that never comes lets the pod go after ten minutes', async (t) => {
  const { time, bound } = given();
  await time.run(10 * 60_000 + 1_000);
  t.is(await bound, 'timed out waiting for the volumes of the pod');
});
