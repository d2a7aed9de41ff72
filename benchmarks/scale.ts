/**
 * Troupe with thousands of nodes: one member, TLS, every write synced, the nodes and their pods objects that no agent
 * looks after. All goes through the API; the load comes from child processes.
 *   npm run bench:scale -- [--json FILE] [--nodes N] [--pods N] [--objects N] [--write-docs]
 * --nodes: 5,000 by default; --pods: that the scheduler gives nodes, 10,000; --objects: to which the stored objects
 * grow, 150,000. --write-docs: the table and the plot of docs/SCALE.md come from this run.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Cluster } from '../test/integration/cluster.ts';
import { Bench } from './api/bench.ts';
import { quantile, report } from './figures.ts';
import { writeDocuments } from './scale/documents.ts';
import { affinity, leaseBody, nodeBody, podBody, spread } from './scale/objects.ts';
import { renewing } from './scale/renewing.ts';
import { schedule } from './scale/scheduling.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    pods: { type: 'string', default: '10000' },
    objects: { type: 'string', default: '150000' },
    json: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const [nodes, pods, objects] = [Number(values.nodes), Number(values.pods), Number(values.objects)];
const zones = 10;
const leaseMs = 1_500;
/** A member that spends less than this, in percent of a processor, is at rest. */
const calmShare = 10;
const calmMsMax = 60_000;
const measuredMs = 10_000;
/** Pods of each special kind; a required zone has room for one on each of its nodes. */
const special = Math.min(Math.ceil(pods / 10), Math.floor(nodes / zones));
/** Nodes that are full of pods which others displace. */
const fullNodes = Math.max(1, Math.floor(nodes / 50));
const core = '/api/v1/namespaces/default';
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const strategic = 'application/strategic-merge-patch+json';
/** What is wanted of the largest cluster that Kubernetes promises says nothing of smaller ones. */
const goalAt5000 = (goal: string): { readonly goal?: string } => (nodes === 5_000 ? { goal } : {});
const count = (number: number): string => number.toLocaleString('en');
const among = `${count(nodes)} nodes`;

/** Until the member has little to do: after many new objects its controllers may be at work for long. */
async function calm(bench: Bench): Promise<void> {
  const end = performance.now() + calmMsMax;
  while ((await bench.shareOf(1_000)) > calmShare && performance.now() < end);
}

async function heartbeats(bench: Bench, at: number): Promise<void> {
  const { microseconds } = await bench.costing({
    method: 'PATCH',
    path: '/api/v1/nodes/node-{n}/status',
    contentType: strategic,
    body: '{"status":{"conditions":[{"type":"Ready","message":"{m}"}]}}',
    requests: 500,
    modulo: 100,
  });
  bench.add({ name: `growth: status of a Node, ${count(at)} nodes`, value: microseconds, unit: 'µs' });
}

async function registration(bench: Bench): Promise<void> {
  const steps = [100, 300, 1_000, 3_000, nodes].filter((step, i, all) => step <= nodes && all.indexOf(step) === i);
  let [made, seconds, spent] = [0, 0, 0];
  for (const to of steps) {
    const load = { method: 'POST', path: '/api/v1/nodes', body: nodeBody({ name: 'node-{n}', cpu: '8' }) };
    const { microseconds, perSecond } = await bench.costing({
      ...load,
      requests: to - made,
      first: made,
      groups: zones,
      seconds: 600,
    });
    seconds += (to - made) / perSecond;
    spent += ((to - made) * microseconds) / 1e6;
    made = to;
    if (to > 100) bench.add({ name: `growth: POST of a Node, ${count(to)} nodes`, value: microseconds, unit: 'µs' });
    // What the controllers do for the new nodes is no part of what follows.
    await calm(bench);
    await heartbeats(bench, to);
  }
  bench.add({ name: `registration of ${among}`, value: seconds, unit: 's', ...goalAt5000('<= 6') });
  bench.add({ name: 'the same, processor time', value: spent, unit: 's' });
}

/** From the share of a processor, in percent, that the renewals of so many nodes take. */
const perRenewal = (share: number, renewing: number): number => (share / 100) * (leaseMs / renewing) * 1_000;

async function renewals(bench: Bench): Promise<void> {
  await bench.load({ method: 'POST', path: leases, body: leaseBody, requests: nodes, seconds: 600 });
  await calm(bench);
  bench.add({ name: `memory, ${among} with Leases`, value: bench.memory(), unit: 'MB' });
  const idle = await bench.shareOf(measuredMs);
  bench.add({ name: `idle, ${among}`, value: idle, unit: '% of a processor' });
  const told = (await renewing(bench, { nodes, leaseMs, how: 'told' }, measuredMs)) - idle;
  const name = `${among} renew their Leases each ${leaseMs / 1_000} s`;
  bench.add({ name, value: told, unit: '% of a processor', goal: '<= 5' });
  bench.add({ name: 'the same, processor time of a renewal', value: perRenewal(told, nodes), unit: 'µs' });
  // A few of them: all would be more than a busy machine answers.
  const writers = Math.ceil(nodes / 50);
  const written = (await renewing(bench, { nodes: writers, leaseMs, how: 'written' }, measuredMs)) - idle;
  bench.add({
    name: 'processor time of a renewal that is a write through the API (as before)',
    value: perRenewal(written, writers),
    unit: 'µs',
  });
}

async function scheduling(bench: Bench): Promise<void> {
  const kinds: readonly (readonly [name: string, body: string, number: number, goal: string])[] = [
    [`${count(pods)} pods`, podBody({ name: 'plain' }), pods, '>= 2,200'],
    [
      `${count(special)} pods with a topology spread over ${zones} zones`,
      podBody({ name: 'spread', spec: spread('spread') }),
      special,
      '>= 850',
    ],
    [
      `${count(special)} pods with required affinity to a zone and anti-affinity on nodes`,
      podBody({ name: 'near', spec: affinity('near') }),
      special,
      '>= 600',
    ],
  ];
  for (const [name, body, number, goal] of kinds) {
    const { perSecond, microseconds } = await schedule(bench, body, number);
    bench.add({ name: `scheduling on ${among}: ${name}`, value: perSecond, unit: 'per s', ...goalAt5000(goal) });
    bench.add({ name: 'the same, processor time of a pod', value: microseconds, unit: 'µs' });
  }
}

/** Nodes of their own, each with room for one pod, which a more important one takes. */
async function preemption(bench: Bench): Promise<void> {
  const labels = { pool: 'full' };
  const tolerations = [{ key: 'pool', operator: 'Exists' }];
  const body = nodeBody({ name: 'full-{n}', cpu: '1', labels });
  await bench.load({ method: 'POST', path: '/api/v1/nodes', body, requests: fullNodes });
  for (const [name, value] of [
    ['low', 1],
    ['high', 1_000],
  ] as const)
    await bench.load({
      method: 'POST',
      path: '/apis/scheduling.k8s.io/v1/priorityclasses',
      body: JSON.stringify({ metadata: { name }, value }),
      requests: 1,
      connections: 1,
    });
  const pod = (name: string): string =>
    podBody({ name, cpu: '900m', spec: { nodeSelector: labels, tolerations, priorityClassName: name } });
  await schedule(bench, pod('low'), fullNodes);
  const { perSecond, microseconds } = await schedule(bench, pod('high'), fullNodes);
  const name = `scheduling on ${among}: ${count(fullNodes)} pods that displace others`;
  bench.add({ name, value: perSecond, unit: 'per s', ...goalAt5000('>= 180') });
  bench.add({ name: 'the same, processor time of a pod', value: microseconds, unit: 'µs' });
}

async function reading(bench: Bench): Promise<void> {
  await calm(bench);
  const stored = `${among} and ${count(pods + 2 * special + fullNodes)} pods`;
  bench.add({ name: `memory, ${stored}`, value: bench.memory(), unit: 'MB' });
  const paths = Array.from({ length: 50 }, (_, i) => `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-${i}`);
  const samples = await bench.readMs(paths);
  bench.add({ name: `LIST of a node's pods, ${stored}, p50`, value: quantile(samples, 0.5), unit: 'ms', goal: '<= 5' });
  const get = await bench.costing({ path: `${core}/pods/plain-0` });
  bench.add({ name: `GET a pod, ${stored}, 64 connections`, value: get.perSecond, unit: 'per s' });
  bench.add({ name: 'the same, p99', value: get.p99Ms, unit: 'ms', goal: '<= 15' });
  const idle = await bench.shareOf(measuredMs);
  bench.add({ name: `idle, ${stored}`, value: idle, unit: '% of a processor' });
}

const configMap = (name: string): string => JSON.stringify({ metadata: { name }, data: { key: 'value' } });

async function growth(bench: Bench): Promise<void> {
  const path = `${core}/configmaps`;
  let stored = 0;
  for (const to of [1_000, 10_000, 50_000, objects].filter(
    (step, i, all) => step <= objects && all.indexOf(step) === i,
  )) {
    const body = configMap('map-{n}');
    await bench.load({ method: 'POST', path, body, requests: to - stored, first: stored, seconds: 600 });
    stored = to;
    await calm(bench);
    const load = { requests: 1_000, seconds: 600 };
    const post = await bench.costing({ ...load, method: 'POST', path, body: configMap(`at-${to}-{n}`) });
    const patch = await bench.costing({
      ...load,
      method: 'PATCH',
      path: `${path}/map-{n}`,
      contentType: strategic,
      body: '{"data":{"key":"{m}"}}',
      modulo: 500,
    });
    bench.add({ name: `growth: POST of a ConfigMap, ${count(to)} objects`, value: post.microseconds, unit: 'µs' });
    bench.add({ name: `growth: PATCH of a ConfigMap, ${count(to)} objects`, value: patch.microseconds, unit: 'µs' });
  }
  bench.add({ name: `memory, ${count(stored)} ConfigMaps as well`, value: bench.memory(), unit: 'MB' });
}

const loadBefore = loadavg()[0] ?? 0;
const cluster = await Cluster.create(
  'bench-scale',
  ['--nodes', '0'],
  // Nobody renews most of the time: the nodes shall count as ready all the same.
  [
    'network:',
    '  podCidr: 10.128.0.0/11',
    '  serviceCidr: 10.97.0.0/16',
    '  dnsAddress: 10.97.0.10',
    'node:',
    '  graceMs: 86400000',
  ],
);
const bench = new Bench(cluster, { seconds: 5, groups: zones });
try {
  for (const step of [registration, renewals, scheduling, preemption, reading, growth]) await step(bench);
} finally {
  cluster.destroy();
}
report(`${count(nodes)} nodes`, bench.figures);
if (values['write-docs'])
  writeDocuments(
    bench.figures,
    `load average ${loadBefore.toFixed(1)} before the run, from other work that went on beside it`,
  );
