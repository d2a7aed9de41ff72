import test from 'ava';
import {
  type ControllerRevision,
  type Pod,
  resources,
  type StatefulSet,
  StatusError,
  type StoredObject,
  timeText,
} from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { statefulSetController } from './controller.ts';
import { claimOwners } from './claims.ts';
import { revisionLabel } from './stateful-set.ts';

const template = (image: string): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
  set(): StatefulSet | undefined;
  names(): readonly string[];
  images(): readonly string[];
  change(spec: object): Promise<void>;
  /** Makes pods ready one after the other until nothing is left to do. */
  run(): Promise<void>;
}

async function world(spec: Record<string, unknown> = {}): Promise<World> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [statefulSetController()]);
  await cluster.make(resources.statefulSets, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'ns' },
    spec: {
      replicas: 3,
      serviceName: 's',
      selector: { matchLabels: { app: 'web' } },
      template: template('web:1'),
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
  });
  await harness.settle();
  const pods = (): readonly Pod[] => cluster.view.list<Pod>(resources.pods, 'ns');
  return {
    cluster,
    harness,
    set: () => cluster.view.get<StatefulSet>(resources.statefulSets, 'ns', 'web'),
    names: () => pods().map((pod) => pod.metadata.name),
    images: () => pods().map((pod) => pod.spec.containers[0]?.image ?? ''),
    change: async (changed) => {
      await cluster.client.patch(
        { ...resources.statefulSets, namespace: 'ns', name: 'web' },
        { type: 'merge', body: { spec: changed } },
      );
      await harness.settle();
    },
    run: async () => {
      for (
        let next = pods().find((pod) => pod.status === undefined);
        next !== undefined;
        next = pods().find((pod) => pod.status === undefined)
      ) {
        await cluster.client.update(
          { ...resources.pods, namespace: 'ns', name: next.metadata.name },
          {
            ...next,
            status: {
              phase: 'Running',
              conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(cluster.now) }],
            },
          },
          { subresource: 'status' },
        );
        await harness.settle();
      }
    },
  };
}

test('pods come up in order, each after its predecessor is ready, and go down in reverse', async (t) => {
  const w = await world();
  t.deepEqual(w.names(), ['web-0']);
  await w.run();
  t.deepEqual(w.names(), ['web-0', 'web-1', 'web-2']);
  const pod = w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-1');
  t.is(pod?.spec.hostname, 'web-1');
  t.is(pod?.spec.subdomain, 's');
  t.deepEqual(pod?.metadata.labels, {
    app: 'web',
    'apps.kubernetes.io/pod-index': '1',
    [revisionLabel]: w.set()?.status?.updateRevision,
    'statefulset.kubernetes.io/pod-name': 'web-1',
  });
  const gone: string[] = [];
  w.cluster.view.onChange((change) => {
    if (change.type === 'delete') gone.push(change.object.metadata.name ?? '');
  });
  await w.change({ replicas: 1 });
  t.deepEqual(gone, ['web-2', 'web-1']);
});

test('with the parallel policy all pods come at once', async (t) => {
  t.deepEqual((await world({ podManagementPolicy: 'Parallel' })).names(), ['web-0', 'web-1', 'web-2']);
});

test('an update goes from the highest pod down to the partition; then its revision is the current one', async (t) => {
  const w = await world();
  await w.run();
  await w.change({
    template: template('web:2'),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
  });
  await w.run();
  t.deepEqual(w.images(), ['web:1', 'web:1', 'web:2']);
  t.not(w.set()?.status?.currentRevision, w.set()?.status?.updateRevision);
  await w.change({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
  await w.run();
  t.deepEqual(w.images(), ['web:2', 'web:2', 'web:2']);
  t.is(w.set()?.status?.currentRevision, w.set()?.status?.updateRevision);
});

test('going back to an old template gives its revision the newest number and keeps its name', async (t) => {
  const w = await world({ replicas: 1 });
  await w.run();
  const first = w.set()?.status?.updateRevision;
  const revisions = (): readonly number[] =>
    w.cluster.view
      .list<ControllerRevision>(resources.controllerRevisions, 'ns')
      .map((revision) => revision.revision)
      .sort();
  t.deepEqual(revisions(), [1]);
  await w.change({ template: template('web:2') });
  t.deepEqual(revisions(), [1, 2]);
  await w.change({ template: template('web:1') });
  t.deepEqual(revisions(), [2, 3]);
  t.is(w.set()?.status?.updateRevision, first);
});

test('a failed pod is replaced under the same name, and claims are made for each pod', async (t) => {
  const w = await world({
    replicas: 1,
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } }],
  });
  t.truthy(w.cluster.view.get(resources.persistentVolumeClaims, 'ns', 'data-web-0'));
  const pod = w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-0');
  t.deepEqual(pod?.spec.volumes, [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }]);
  await w.cluster.client.update(
    { ...resources.pods, namespace: 'ns', name: 'web-0' },
    { ...pod, status: { phase: 'Failed' } },
    { subresource: 'status' },
  );
  await w.harness.settle();
  t.not(w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-0')?.metadata.uid, pod?.metadata.uid);
});

const claimTemplates = [{ metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } }];

test('claims belong to the set or to the pod that was scaled away, as the retention policy says', async (t) => {
  const w = await world({
    replicas: 2,
    volumeClaimTemplates: claimTemplates,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
  });
  const owners = (ordinal: number): readonly string[] =>
    (
      w.cluster.view.get<StoredObject>(resources.persistentVolumeClaims, 'ns', `data-web-${ordinal}`)?.metadata
        .ownerReferences ?? []
    ).map((owner) => `${owner.kind} ${owner.name} ${String(owner.controller)} ${String(owner.blockOwnerDeletion)}`);
  await w.run();
  t.deepEqual(owners(0), ['StatefulSet web true true']);
  const pod = w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-1');
  await w.cluster.client.patch(
    { ...resources.pods, namespace: 'ns', name: 'web-1' },
    { type: 'merge', body: { metadata: { finalizers: ['example.com/hold'] } } },
  );
  await w.change({ replicas: 1 });
  t.deepEqual(owners(1), ['Pod web-1 true true']);
  t.is(
    w.cluster.view.get<StoredObject>(resources.persistentVolumeClaims, 'ns', 'data-web-1')?.metadata
      .ownerReferences?.[0]?.uid,
    pod?.metadata.uid,
  );
  await w.change({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
  t.deepEqual(owners(0), []);
  t.true(
    w.cluster.events.some(
      (event) =>
        event.reason === 'SuccessfulUpdate' && event.message === 'update Pod web-0 in StatefulSet web successful',
    ),
  );
});

test('a pod waits until the claim of its scaled-away predecessor is gone', async (t) => {
  const w = await world({
    replicas: 1,
    volumeClaimTemplates: claimTemplates,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' },
  });
  await w.run();
  await w.cluster.make(resources.persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: 'data-web-1',
      namespace: 'ns',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web-1', uid: 'earlier', controller: true }],
    },
  });
  await w.change({ replicas: 2 });
  t.deepEqual(w.names(), ['web-0']);
  await w.cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'ns', name: 'data-web-1' });
  await w.harness.advance(2_000);
  t.deepEqual(w.names(), ['web-0', 'web-1']);
});

test('a claim of another controller is left alone', (t) => {
  const owner = { apiVersion: 'example.com/v1', kind: 'Other', name: 'o', uid: 'u', controller: true };
  const meta = { name: 'web', namespace: 'ns', uid: 'set' };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: meta,
    spec: { replicas: 1, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } },
  } as unknown as StatefulSet;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-0', namespace: 'ns', uid: 'pod' },
  } as unknown as Pod;
  const claim = (ownerReferences: readonly object[]): StoredObject =>
    ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-web-0', uid: 'c', ownerReferences },
    }) as unknown as StoredObject;
  t.is(claimOwners(set, pod, claim([owner])), undefined);
  t.deepEqual(claimOwners(set, pod, claim([])), [
    { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set', controller: true, blockOwnerDeletion: true },
  ]);
  t.is(
    claimOwners(set, pod, claim([{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'earlier' }])),
    undefined,
  );
});

test('the claims of a pending pod are made again, and a pod whose identity label changed gets it back', async (t) => {
  const w = await world({ replicas: 1, volumeClaimTemplates: claimTemplates });
  const ref = { ...resources.pods, namespace: 'ns', name: 'web-0' };
  await w.cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'ns', name: 'data-web-0' });
  await w.cluster.client.update(
    ref,
    { ...w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-0'), status: { phase: 'Pending' } },
    { subresource: 'status' },
  );
  await w.harness.settle();
  t.truthy(w.cluster.view.get(resources.persistentVolumeClaims, 'ns', 'data-web-0'));
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(w.cluster.now) }];
  await w.cluster.client.update(
    ref,
    { ...w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-0'), status: { phase: 'Running', conditions } },
    { subresource: 'status' },
  );
  await w.cluster.client.patch(ref, {
    type: 'merge',
    body: { metadata: { labels: { 'statefulset.kubernetes.io/pod-name': 'other' } } },
  });
  await w.harness.settle();
  t.is(
    w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-0')?.metadata.labels?.['statefulset.kubernetes.io/pod-name'],
    'web-0',
  );
});

test('a claim that is deleted under a pending pod comes back without another change of the pod', async (t) => {
  const w = await world({ replicas: 1, volumeClaimTemplates: claimTemplates });
  await w.cluster.client.update(
    { ...resources.pods, namespace: 'ns', name: 'web-0' },
    { ...w.cluster.view.get<Pod>(resources.pods, 'ns', 'web-0'), status: { phase: 'Pending' } },
    { subresource: 'status' },
  );
  await w.harness.settle();
  const claim = { ...resources.persistentVolumeClaims, namespace: 'ns', name: 'data-web-0' };
  await w.cluster.client.delete(claim);
  t.is(w.cluster.view.get(claim, 'ns', 'data-web-0'), undefined);
  await w.harness.settle();
  t.truthy(w.cluster.view.get(claim, 'ns', 'data-web-0'));
});

test('a set whose claims are refused says so about the claim and about the pod', async (t) => {
  const w = await world({ replicas: 0, volumeClaimTemplates: claimTemplates });
  w.cluster.onWrite = (verb, ref) => {
    if (verb === 'create' && ref.resource === 'persistentvolumeclaims')
      throw new StatusError('Forbidden', 'exceeded quota');
  };
  await w.change({ replicas: 1 });
  t.deepEqual(
    w.cluster.events.slice(0, 2).map((event) => `${event.reason}: ${event.message}`),
    [
      'FailedCreate: create Claim data-web-0 for Pod web-0 in StatefulSet web failed error: exceeded quota',
      'FailedCreate: create Pod web-0 in StatefulSet web failed error: failed to create PVC data-web-0: exceeded quota',
    ],
  );
});

test('a set whose pod may not be deleted says so, and tries again later', async (t) => {
  const w = await world({ replicas: 1 });
  await w.run();
  w.cluster.onWrite = (verb, ref) => {
    if (verb === 'delete' && ref.resource === 'pods') throw new StatusError('Forbidden', 'a hook forbids it');
  };
  await w.change({ replicas: 0 });
  t.deepEqual(
    w.cluster.events
      .filter(({ reason }) => reason.startsWith('Failed'))
      .slice(0, 1)
      .map((event) => `${event.reason}: ${event.message}`),
    ['FailedDelete: delete Pod web-0 in StatefulSet web failed error: a hook forbids it'],
  );
  t.is(w.set()?.status?.observedGeneration, 2);
  w.cluster.onWrite = () => undefined;
  await w.harness.advance(6_000);
  t.deepEqual(w.names(), []);
});

test('the status has the numbers that the API always shows', async (t) => {
  const w = await world({ replicas: 1 });
  const { currentRevision, updateRevision, ...numbers } = w.set()?.status ?? {};
  t.is(currentRevision, updateRevision);
  t.deepEqual(numbers, {
    observedGeneration: 1,
    replicas: 1,
    currentReplicas: 1,
    updatedReplicas: 1,
    collisionCount: 0,
    availableReplicas: 0,
  });
});
