import test from 'ava';
import { type Node, type Pod, resources } from '../../api/index.ts';
import { factsOf } from '../../resources/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { podCollector } from './controller.ts';
import { isOutOfService, lostConditions, missingSince, planSweep } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const draft = (
  name: string,
  parts: object,
  status: object = {},
): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ns' },
  spec: { containers: [], ...parts },
  status,
});

test('pods of a node that stays away are given up, terminating pods without a node at once', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [podCollector({ endedPodsMax: 1 })]);
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' }, spec: {} });
  await cluster.make(resources.pods, draft('kept', { nodeName: 'here' }));
  await cluster.make(resources.pods, draft('lost', { nodeName: 'gone' }));
  for (const name of ['ended-1', 'ended-2'])
    await cluster.make(resources.pods, draft(name, { nodeName: 'here' }, { phase: 'Succeeded' }));
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'brief' }, spec: {} });
  await cluster.client.delete({ ...resources.nodes, name: 'brief' });
  await harness.settle();
  const names = (): string[] => cluster.view.list<Pod>(resources.pods).map((one) => one.metadata.name);
  t.deepEqual(names(), ['ended-2', 'kept', 'lost']);
  await harness.advance(41_000);
  t.deepEqual(names(), ['ended-2', 'kept']);
});

interface PodParts {
  readonly node?: string;
  readonly phase?: string;
  readonly deleting?: boolean;
  readonly made?: string;
}
const pod = (name: string, { node = '', phase = 'Running', deleting = false, made }: PodParts): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      ...(made === undefined ? {} : { creationTimestamp: made }),
    },
    spec: { containers: [], nodeName: node },
    status: { phase },
  });

test('a sweep takes what is lost, unplaced, and ended beyond the number, the oldest first', (t) => {
  const pods = [
    pod('runs', { node: 'here' }),
    pod('on-lost-node', { node: 'gone' }),
    pod('pending', {}),
    pod('unplaced', { deleting: true }),
    pod('on-dead-node', { node: 'dead' }),
    pod('ends-on-dead-node', { node: 'dead', deleting: true }),
    pod('terminating', { node: 'here', deleting: true }),
    pod('younger', { node: 'here', phase: 'Failed', made: '2026-01-01T00:00:02Z' }),
    pod('older', { node: 'here', phase: 'Succeeded', made: '2026-01-01T00:00:01Z' }),
  ];
  const plan = planSweep({
    pods: factsOf(resources.pods, pods, {}),
    lostNodes: new Set(['gone']),
    deadNodes: new Set(['dead']),
    endedPodsMax: 1,
  });
  const names = (some: readonly Pod[]): readonly string[] => some.map(({ metadata }) => metadata.name);
  t.deepEqual(names(plan.lost), ['on-lost-node']);
  t.deepEqual(names(plan.stuck), ['unplaced', 'ends-on-dead-node']);
  t.deepEqual(names(plan.remove), ['older']);
});

test('a pod that ends before it had a node has failed, for those who hold it until then', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [podCollector({ endedPodsMax: 1 })]);
  const { metadata, ...rest } = draft('held', {}, { phase: 'Pending' });
  await cluster.make(resources.pods, { ...rest, metadata: { ...metadata, finalizers: ['example.com/hold'] } });
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'held' });
  await harness.settle();
  const status = cluster.view.get<Pod>(resources.pods, 'ns', 'held')?.status;
  t.deepEqual([status?.phase, status?.conditions], ['Failed', undefined]);
});

test('a node is out of service when it does not answer and an operator says so', (t) => {
  const node = (ready: string, taint: string): Node =>
    stored<Node>({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: { taints: [{ key: taint, effect: 'NoExecute' }] },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    });
  const taint = 'node.kubernetes.io/out-of-service';
  t.true(isOutOfService(node('Unknown', taint)));
  t.false(isOutOfService(node('True', taint)));
  t.false(isOutOfService(node('Unknown', 'other')));
});

test('a lost pod says why it goes', (t) => {
  t.like(lostConditions(pod('p', {}), 0)[0], { type: 'DisruptionTarget', reason: 'DeletionByPodGC' });
});

test('a node is missing since it was first missed, and a node that came back starts again', (t) => {
  const first = missingSince(new Map(), new Set(['a', 'b']), 10);
  const second = missingSince(first, new Set(['a', 'c']), 20);
  t.deepEqual(
    [...second],
    [
      ['a', 10],
      ['c', 20],
    ],
  );
  t.deepEqual([...missingSince(second, new Set(['b']), 30)], [['b', 30]]);
});
