import test from 'ava';
import type { New, PodDisruptionBudget, PodSpec } from '../api/index.ts';
import { aCluster, aNode, aPod, type PodParts } from './cluster.fixture.ts';
import type { ClusterState } from './cluster-state.ts';
import { schedule } from './pipeline.ts';
import { podInfo } from './pod-info.ts';
import { preempt, type Preemption, type PreemptionAnswer } from './preemption.ts';

const none = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
const budget = (app: string, disruptionsAllowed: number, gone: readonly string[] = []): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app, namespace: 'ns', uid: app, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { selector: app === '' ? {} : { matchLabels: { app } } },
  status: {
    ...none,
    disruptionsAllowed,
    disruptedPods: Object.fromEntries(gone.map((name) => [name, '2026-01-01T00:00:00Z'])),
  },
});

interface Running extends PodParts {
  readonly name: string;
  readonly node: string;
  readonly app?: string;
  readonly priority?: number;
  readonly startTime?: string;
}

/** What makes way for a pod of one CPU and a high priority, on nodes of two CPUs each. */
function displaced(running: readonly Running[], budgets: readonly PodDisruptionBudget[]): Preemption | undefined {
  const nodes = [...new Set(running.map(({ node }) => node))].map((name) => aNode(name, { cpu: '2' }));
  const state = aCluster(nodes, { budgets: (namespace) => (namespace === 'ns' ? budgets : []) });
  for (const { node, app, priority = 0, startTime, ...parts } of running) {
    const pod = aPod({ cpu: '2', ...parts, spec: { priority }, labels: app === undefined ? {} : { app } });
    state.putPod(podInfo(startTime === undefined ? pod : { ...pod, status: { startTime } }), node);
  }
  const urgent = podInfo(aPod({ cpu: '1', spec: { priority: 1_000 } }));
  const failure = schedule(urgent, state, 0);
  return failure.type === 'failure' ? preempt(urgent, failure, state).preemption : undefined;
}

test('pods whose budget lets them go make way, though they matter more', (t) => {
  const running = [
    { name: 'guarded', node: 'a', app: 'db', priority: 1 },
    { name: 'free', node: 'b', app: 'web', priority: 9 },
  ];
  t.like(displaced(running, []), { node: 'a', violations: 0 });
  t.like(displaced(running, [budget('db', 1)]), { node: 'a', violations: 0 });
  t.like(displaced(running, [budget('db', 0)]), { node: 'b', violations: 0 });
  t.like(displaced(running, [budget('db', 0), budget('web', 0)]), { node: 'a', violations: 1 });
  t.like(displaced(running, [budget('db', 0, ['guarded'])]), { node: 'a', violations: 0 }, 'it is counted as gone');
  t.like(displaced(running, [budget('', 0)]), { node: 'a', violations: 0 }, 'an empty selector speaks of no pod');
});

test('on a node pods are spared that would go against their budget, before those that matter more', (t) => {
  const pod = (name: string, app: string, priority: number): Running => ({ name, node: 'a', app, priority, cpu: '1' });
  const names = (budgets: readonly PodDisruptionBudget[], ...running: readonly Running[]): readonly string[] =>
    displaced(running, budgets)?.victims.map(({ uid }) => uid) ?? [];
  t.deepEqual(names([], pod('low', 'db', 1), pod('high', 'web', 9)), ['low']);
  t.deepEqual(names([budget('db', 0)], pod('low', 'db', 1), pod('high', 'web', 9)), ['high']);
  t.deepEqual(names([budget('db', 1)], pod('x', 'db', 2), pod('y', 'db', 1)), ['x'], 'the second goes beyond it');
});

test('of nodes that are alike the one makes way whose most important pod began last', (t) => {
  const at = (node: string, hour: number): Running => ({ name: node, node, startTime: `2026-01-01T0${hour}:00:00Z` });
  t.is(displaced([at('a', 1), at('b', 3), at('c', 2)], [])?.node, 'b');
});

test('fewer pods make way rather than less important ones', (t) => {
  const pod = (name: string, node: string, priority: number): Running => ({ name, node, priority });
  const two = [pod('a1', 'a', 5), pod('a2', 'a', 5)];
  const three = [pod('b1', 'b', 5), pod('b2', 'b', 1), pod('b3', 'b', 1)];
  t.is(displaced([...three, ...two], [])?.node, 'a');
});

/** What preemption says of an urgent pod that fits nowhere. */
function answerFor(parts: PodParts, state: ClusterState): PreemptionAnswer & { readonly uids: readonly string[] } {
  const urgent = podInfo(aPod({ ...parts, spec: { priority: 1_000, ...parts.spec } }));
  const failure = schedule(urgent, state, 0);
  if (failure.type !== 'failure') throw new Error(`the pod fits on ${failure.node}`);
  const answer = preempt(urgent, failure, state);
  return { ...answer, uids: answer.preemption?.victims.map(({ uid }) => uid).sort() ?? [] };
}

const zoned = (): ClusterState =>
  aCluster([aNode('a', { cpu: '2', labels: { zone: 'a' } }), aNode('b', { cpu: '2', labels: { zone: 'b' } })]);

function run(state: ClusterState, node: string, parts: PodParts): void {
  state.putPod(podInfo(aPod(parts)), node);
}

const apartFrom = (app: string): New<PodSpec> => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { app } } },
      ],
    },
  },
});

test('pods make way that a more important one must not be beside', (t) => {
  const state = zoned();
  run(state, 'a', { name: 'db', labels: { app: 'db' }, cpu: '1' });
  run(state, 'a', { name: 'web', labels: { app: 'web' }, cpu: '1', spec: { priority: -1 } });
  run(state, 'b', { name: 'dear-db', labels: { app: 'db' }, spec: { priority: 2_000 } });
  t.deepEqual(answerFor({ spec: apartFrom('db') }, state).uids, ['db']);
  t.deepEqual([...(state.nodes.get('a')?.pods.keys() ?? [])].sort(), ['db', 'web'], 'nothing has gone yet');
  t.like(state.nodes.get('a')?.requested, { cpuMilli: 2_000 });
});

test('pods make way so that a more important one is spread as it must be', (t) => {
  const state = zoned();
  for (const name of ['x1', 'x2']) run(state, 'a', { name, labels: { app: 'x' } });
  run(state, 'b', { name: 'full', cpu: '2', spec: { priority: 2_000 } });
  const spec: New<PodSpec> = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'x' } },
      },
    ],
  };
  t.deepEqual(answerFor({ labels: { app: 'x' }, cpu: '1', spec }, state).uids, ['x1', 'x2']);
});

test('no pod makes way in vain, and the message tells what would still be in the way', (t) => {
  const state = zoned();
  run(state, 'a', { name: 'small', cpu: '1' });
  run(state, 'a', { name: 'dear', cpu: '1', spec: { priority: 2_000 } });
  run(state, 'b', { name: 'dear-db', labels: { app: 'db' }, spec: { priority: 2_000 } });
  run(state, 'b', { name: 'large', cpu: '2' });
  t.like(answerFor({ cpu: '2', spec: apartFrom('db') }, state), {
    message:
      'preemption: 0/2 nodes are available: 1 Insufficient cpu, ' + "1 node(s) didn't match pod anti-affinity rules.",
    uids: [],
  });
});
