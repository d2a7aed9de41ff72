import test from 'ava';
import { type Pod, type ReplicaSet, resources, StatusError, timeText } from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { replicaSetController, replicationController } from './controller.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
const set = (replicas: number): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'ns' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
});

function world(): {
  cluster: MemoryCluster;
  harness: Harness;
  pods: () => readonly Pod[];
  status: () => ReplicaSet['status'] | undefined;
} {
  const cluster = new MemoryCluster();
  return {
    cluster,
    harness: new Harness(cluster, [replicaSetController(), replicationController()]),
    pods: () => cluster.view.list<Pod>(resources.pods, 'ns'),
    status: () => cluster.view.get<ReplicaSet>(resources.replicaSets, 'ns', 'web')?.status,
  };
}

test('a set adopts an orphan that matches, makes the rest, and lets go what no longer matches', async (t) => {
  const { cluster, harness, pods, status } = world();
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'orphan', namespace: 'ns', labels: { app: 'web' } },
    spec: { containers: [] },
  });
  await cluster.make(resources.replicaSets, set(2));
  await harness.settle();
  t.is(pods().length, 2);
  t.deepEqual(
    cluster.view
      .get<Pod>(resources.pods, 'ns', 'orphan')
      ?.metadata.ownerReferences?.map((owner) => [owner.kind, owner.controller, owner.blockOwnerDeletion]),
    [['ReplicaSet', true, true]],
  );
  t.deepEqual(status(), { replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 });
  await cluster.client.patch(
    { ...resources.pods, namespace: 'ns', name: 'orphan' },
    { type: 'merge', body: { metadata: { labels: { app: 'other' } } } },
  );
  await harness.settle();
  t.is(cluster.view.get<Pod>(resources.pods, 'ns', 'orphan')?.metadata.ownerReferences, undefined);
  t.is(pods().length, 3);
});

test('a refused creation is told in the status and as an event, and tried again later', async (t) => {
  const { cluster, harness, pods, status } = world();
  cluster.onWrite = (verb, ref) => {
    if (verb === 'create' && ref.resource === 'pods') throw new StatusError('Forbidden', 'exceeded quota');
  };
  await cluster.make(resources.replicaSets, set(5));
  await harness.settle();
  t.is(pods().length, 0);
  t.deepEqual(
    status()?.conditions?.map((condition) => [condition.type, condition.reason, condition.message]),
    [['ReplicaFailure', 'FailedCreate', 'exceeded quota']],
  );
  t.true(cluster.events.filter((event) => event.reason === 'FailedCreate').length <= 2);
  cluster.onWrite = () => undefined;
  await harness.advance(6_000);
  t.is(pods().length, 5);
  t.is(status()?.conditions, undefined);
});

test('a replication controller works the same with its plain selector', async (t) => {
  const { cluster, harness, pods } = world();
  await cluster.make(resources.replicationControllers, {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'rc', namespace: 'ns' },
    spec: { replicas: 3, selector: { app: 'web' }, template },
  });
  await harness.settle();
  t.is(pods().length, 3);
  t.is(pods()[0]?.metadata.ownerReferences?.[0]?.kind, 'ReplicationController');
});

test('ready pods count as available after minReadySeconds', async (t) => {
  const { cluster, harness, pods, status } = world();
  const body = set(1);
  await cluster.make(resources.replicaSets, { ...body, spec: { ...(body['spec'] as object), minReadySeconds: 10 } });
  await harness.settle();
  const [pod] = pods();
  await cluster.client.update(
    { ...resources.pods, namespace: 'ns', name: pod?.metadata.name ?? '' },
    {
      ...pod,
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(cluster.now) }],
      },
    },
    { subresource: 'status' },
  );
  await harness.settle();
  t.is(status()?.readyReplicas, 1);
  t.is(status()?.availableReplicas, undefined);
  await harness.advance(10_000);
  t.is(status()?.availableReplicas, 1);
});
