import fc from 'fast-check';
import test from 'ava';
import { aCluster, aNode, aPod, type NodeParts, place } from './cluster.fixture.ts';
import type { ClusterState } from './cluster-state.ts';
import { noDomain } from './label-column.ts';
import { figure, marks, rowLength } from './node-columns.ts';
import type { NodeState } from './node-state.ts';
import { podInfo } from './pod-info.ts';

const names = fc.nat(70).map((n) => `n${n}`);
const zone = fc.constantFrom('a', 'b', 'c', undefined);
const step = fc.oneof(
  fc.record({ type: fc.constant('node'), name: names, zone, cordoned: fc.boolean(), soft: fc.boolean() }),
  fc.record({ type: fc.constant('gone'), name: names }),
  fc.record({ type: fc.constant('pod'), name: names, app: fc.constantFrom('web', 'other'), uid: fc.nat(20) }),
  fc.record({ type: fc.constant('ended'), uid: fc.nat(20) }),
  fc.record({ type: fc.constant('nominated'), name: names, uid: fc.nat(5) }),
);

function partsOf(one: { zone?: string | undefined; cordoned?: boolean; soft?: boolean }): NodeParts {
  const effect = one.cordoned === true ? 'NoExecute' : 'PreferNoSchedule';
  const taints = one.soft === true ? [{ key: 'k', value: 'v', effect } as const] : [];
  return {
    cpu: one.cordoned === true ? '4' : '8',
    spec: { unschedulable: one.cordoned === true, taints },
    ...(one.zone === undefined ? {} : { labels: { zone: one.zone } }),
  };
}

/** What a row should hold, from the node and its pods alone. */
function expected(node: NodeState): { readonly row: readonly number[]; readonly marks: number } {
  const pods = [...node.pods.values()];
  const sum = (of: (pod: (typeof pods)[number]) => number): number => pods.reduce((total, pod) => total + of(pod), 0);
  const row: number[] = [];
  row[figure.freeCpu] = node.allocatable.cpuMilli - sum(({ requests }) => requests.cpuMilli);
  row[figure.freeMemory] = node.allocatable.memory - sum(({ requests }) => requests.memory);
  row[figure.freeStorage] = node.allocatable.ephemeralStorage;
  row[figure.freePods] = node.podsMax - pods.length;
  row[figure.cpu] = node.allocatable.cpuMilli;
  row[figure.memory] = node.allocatable.memory;
  row[figure.assumedCpu] = sum(({ assumed }) => assumed.cpuMilli);
  row[figure.assumedMemory] = sum(({ assumed }) => assumed.memory);
  const { spec } = node.node;
  const sumOfMarks =
    (spec.unschedulable === true ? marks.unschedulable : 0) +
    (node.nominated.size > 0 ? marks.nominated : 0) +
    (spec.taints ?? []).reduce(
      (total, { effect }) => total + (effect === 'NoExecute' ? marks.hardTaints : marks.softTaints),
      0,
    );
  return { row, marks: sumOfMarks };
}

test('rows, marks and domains say what the nodes and their pods say, whatever comes and goes', (t) => {
  let asked = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const state: ClusterState = aCluster([]);
      const web = state.counter('web', ({ labels }) => labels['app'] === 'web');
      for (const one of steps) {
        if ('cordoned' in one) state.putNode(aNode(one.name, partsOf(one)));
        else if (one.type === 'gone' && 'name' in one) state.removeNode(one.name);
        else if ('app' in one)
          state.putPod(podInfo(aPod({ name: `p${one.uid}`, cpu: '100m', labels: { app: one.app } })), one.name);
        else if (one.type === 'nominated' && 'name' in one)
          state.nominate(podInfo(aPod({ name: `x${one.uid}` })), one.name);
        else if ('uid' in one) state.removePod(`p${one.uid}`);
        const { columns } = state;
        const zones = columns.label('zone');
        const counts = web.domains('zone', columns);
        const naive = new Map<string, number>();
        for (const node of state.nodes.values()) {
          const { zone: value } = node.labels;
          if (value === undefined) continue;
          const pods = [...node.pods.values()].filter(({ labels }) => labels['app'] === 'web').length;
          naive.set(value, (naive.get(value) ?? 0) + pods);
        }
        t.deepEqual(
          [...state.slots],
          state.order.map(({ slot }) => slot),
        );
        for (const node of state.nodes.values()) {
          const at = node.slot * rowLength;
          t.is(columns.nodes[node.slot], node);
          t.deepEqual(
            { row: [...columns.rows.subarray(at, at + rowLength)], marks: columns.marks[node.slot] },
            expected(node),
          );
          const { zone: value } = node.labels;
          t.is(zones.bySlot[node.slot], value === undefined ? noDomain : zones.of(value));
          t.is(counts.at(node.slot), value === undefined ? 0 : (naive.get(value) ?? 0));
          asked += 1;
        }
        t.is(zones.count, naive.size);
        t.is(counts.least(), naive.size === 0 ? 0 : Math.min(...naive.values()));
        for (const [value, count] of naive) t.is(counts.of(value), count);
      }
    }),
    { seed: 11, numRuns: 30 },
  );
  t.true(asked > 1_000, 'nodes were looked at');
});

test('more labels than are kept are asked for, and each is right when it is asked for again', (t) => {
  const labels = Array.from({ length: 70 }, (_, i) => `label-${i}`);
  const state = aCluster(
    ['a', 'b'].map((name) => aNode(name, { labels: Object.fromEntries(labels.map((key) => [key, name])) })),
  );
  const counter = state.counter('all', () => true);
  const counted = (): readonly number[] => labels.map((key) => counter.domains(key, state.columns).of('b'));
  t.true(counted().every((count) => count === 0));
  state.putPod(podInfo(aPod()), 'b');
  state.removeNode('a');
  t.true(counted().every((count) => count === 1));
  t.true(labels.every((key) => state.columns.label(key).count === 1));
});

test('a pod takes the room that was made for it, however good another node is', (t) => {
  const state = aCluster([aNode('small', { cpu: '1' }), aNode('large', { cpu: '64' })]);
  const pod = aPod({ cpu: '500m' });
  state.nominate(podInfo(pod), 'small');
  t.is(place(state, pod), 'small');
  const other = aPod({ cpu: '800m' });
  state.nominate(podInfo(other), 'small');
  t.is(place(state, other), 'large', 'what is no room for it is passed over');
});
