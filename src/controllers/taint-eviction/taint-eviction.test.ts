import test from 'ava';
import { type Pod, resources, type Taint, type Toleration } from '../../api/index.ts';
import { MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { taintEvictionController } from './controller.ts';
import { FirstSeen } from './first-seen.ts';
import { evictionTime, planEviction } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const addedAt = '2026-01-01T00:09:00Z';
const taint = (parts: Partial<Taint> = {}): Taint =>
  stored<Taint>({
    key: 'down',
    effect: 'NoExecute',
    timeAdded: addedAt,
    ...parts,
  });
const pod = (tolerations: readonly Toleration[], parts: object = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'p' },
    spec: { containers: [], tolerations },
    ...parts,
  });
const forSeconds = (tolerationSeconds?: number, key = 'down'): Toleration =>
  stored<Toleration>({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  });
const seen = { now, since: () => now - 5_000 };

const rows: readonly {
  readonly title: string;
  readonly tolerations: readonly Toleration[];
  readonly taints: readonly Taint[];
  /** Seconds from now; undefined: never. */
  readonly after: number | undefined;
}[] = [
  { title: 'a pod that tolerates nothing leaves at once', tolerations: [], taints: [taint()], after: 0 },
  {
    title: 'a pod that tolerates the taint for ever stays',
    tolerations: [forSeconds()],
    taints: [taint()],
    after: undefined,
  },
  {
    title: 'a pod stays for as long as it tolerates the taint, from when the taint came',
    tolerations: [forSeconds(300)],
    taints: [taint()],
    after: 240,
  },
  {
    title: 'of two tolerations of one taint the shorter one counts',
    tolerations: [forSeconds(300), forSeconds(100)],
    taints: [taint()],
    after: 40,
  },
  {
    title: 'of two taints the one that ends first counts',
    tolerations: [forSeconds(300), forSeconds(70, 'slow')],
    taints: [taint(), taint({ key: 'slow' })],
    after: 10,
  },
  {
    title: 'a taint without a time counts from when it was first seen',
    tolerations: [forSeconds(30)],
    taints: [{ key: 'down', effect: 'NoExecute' }],
    after: 25,
  },
  {
    title: 'a negative time is none',
    tolerations: [forSeconds(-5)],
    taints: [taint()],
    after: -60,
  },
  {
    title: 'a taint that only keeps new pods away lets others stay',
    tolerations: [],
    taints: [taint({ effect: 'NoSchedule' })],
    after: undefined,
  },
];
for (const { title, tolerations, taints, after } of rows)
  test(title, (t) => {
    t.is(evictionTime(pod(tolerations), taints, seen), after === undefined ? undefined : now + after * 1000);
  });

test('a pod waits, is evicted with a condition, or is left alone', (t) => {
  t.deepEqual(planEviction(pod([forSeconds(300)]), [taint()], seen), { type: 'wait', waitMs: 240_000 });
  t.like(planEviction(pod([]), [taint()], seen), {
    type: 'evict',
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }],
  });
  t.deepEqual(planEviction(pod([forSeconds()]), [taint()], seen), { type: 'stay' });
  t.deepEqual(planEviction(pod([], { status: { phase: 'Succeeded' } }), [taint()], seen), { type: 'stay' });
  const deleting = { metadata: { name: 'p', uid: 'p', deletionTimestamp: addedAt } };
  t.deepEqual(planEviction(pod([], deleting), [taint()], seen), { type: 'stay' });
});

test('a taint that was lifted and comes back counts from its return', (t) => {
  const firstSeen = new FirstSeen();
  t.is(firstSeen.since('n', taint(), 10), 10);
  t.is(firstSeen.since('n', taint(), 20), 10);
  t.is(firstSeen.since('other', taint(), 20), 20);
  firstSeen.keepOnly('n', []);
  t.is(firstSeen.since('n', taint(), 30), 30);
  t.is(firstSeen.since('other', taint(), 30), 20);
});

test('a pod on a node is looked at when the node has such a taint, and a node without one is not parsed', (t) => {
  const { ports } = new MemoryCluster();
  const onNode = pod([], { spec: { containers: [], nodeName: 'n' } });
  const woken = (taints: readonly Taint[] | 'unread'): readonly string[] => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints } };
    const object = (): never => {
      if (taints === 'unread') throw new Error('parsed');
      return node as never;
    };
    const index = { uid: 'n', labels: {}, fields: {}, owners: [] };
    const facts = { index, mentions: (text: string) => JSON.stringify(node).includes(text), object, read: object };
    const view = { ...ports.view, facts: () => [facts] };
    const change = { type: 'put', resource: resources.pods, object: onNode } as const;
    return taintEvictionController().keysFor(change, { ...ports, view });
  };
  t.deepEqual(woken('unread'), []);
  t.deepEqual(woken([taint({ effect: 'NoSchedule', key: 'NoExecute' })]), []);
  t.deepEqual(woken([taint()]), ['ns/p']);
});
