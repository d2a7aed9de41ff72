/**
 * The API server's figures: one member without nodes, TLS, every write synced. The load comes from child processes:
 * wrk, where it is installed, for what is measured by time, Node.js for the rest.
 *   npm run bench:api -- [--json FILE] [--quick] [--write-docs]
 * Beside ours stands what kube-apiserver 1.33 with one etcd gave on this kind of machine. --write-docs: the table and
 * the plot of docs/api-server.md, and the plot of memory in docs/SCALE.md, come from this run.
 */
import { loadavg } from 'node:os';
import { Cluster } from '../test/integration/cluster.ts';
import { Bench } from './api/bench.ts';
import { writeDocuments } from './api/documents.ts';
import { quantile, report } from './figures.ts';

const quick = process.argv.includes('--quick');
const seconds = quick ? 3 : 8;
const listedPods = 5_000;
const storedPods = quick ? 10_000 : 50_000;
/** Pods are bound to nodes that exist, else they would be collected; 100 on each in the end. */
const nodes = storedPods / 100;
const idleWatches = quick ? 1_000 : 10_000;
/** As of an agent or a program with informers for so many kinds. */
const watchesPerClient = 20;
const watchers = 100;
const watchedEvents = 4_000;
const core = '/api/v1/namespaces/default';
const watched = '/api/v1/namespaces/kube-public/configmaps';
const settleMs = quick ? 2_000 : 6_000;

/** A pod of about 2.4 KB as it is stored. */
const podBody = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod-{n}', labels: { app: 'bench', tier: 'backend' } },
  spec: {
    nodeName: 'node-{g}',
    containers: [
      { name: 'main', image: 'registry.invalid/app:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } },
    ],
  },
});
const configMapBody = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'x'.repeat(256) } });
/** Until what a fill leaves behind (garbage, a snapshot) is done: it is not part of what follows. */
const rest = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, settleMs);
  });
const count = (number: number): string => number.toLocaleString('en');

async function empty(bench: Bench): Promise<void> {
  await rest();
  bench.add({ name: 'memory, idle member', value: bench.memory(), unit: 'MB', goal: '<= 200' });
}

async function addNodes(bench: Bench): Promise<void> {
  await bench.load({
    method: 'POST',
    path: '/api/v1/nodes',
    body: JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-{n}' } }),
    requests: nodes,
  });
}

/** What a POST cost before anybody watched, µs of processor time. */
let writeMicroseconds = 0;

async function single(bench: Bench): Promise<void> {
  await bench.load({ method: 'POST', path: `${core}/pods`, body: podBody, requests: 1, connections: 1 });
  await bench.load({ path: `${core}/pods/pod-0`, seconds: 2 });
  const get = await bench.costing({ path: `${core}/pods/pod-0` });
  bench.add({
    name: 'GET a pod, 64 connections',
    value: get.perSecond,
    unit: 'per s',
    goal: '>= 20,000',
    peerValue: 4_270,
  });
  bench.add({ name: 'GET a pod, p99', value: get.p99Ms, unit: 'ms', goal: '<= 15', peerValue: 41 });
  bench.add({ name: 'GET a pod, processor time', value: get.microseconds, unit: 'µs' });
  await bench.load({ method: 'POST', path: `${core}/configmaps`, body: configMapBody('warm-{n}'), seconds: 2 });
  const post = await bench.costing({ method: 'POST', path: `${core}/configmaps`, body: configMapBody('made-{n}') });
  bench.add({
    name: 'POST ConfigMap, 64 connections',
    value: post.perSecond,
    unit: 'per s',
    goal: '>= 7,500',
    peerValue: 2_474,
  });
  bench.add({ name: 'POST ConfigMap, p99', value: post.p99Ms, unit: 'ms' });
  bench.add({ name: 'POST ConfigMap, processor time', value: post.microseconds, unit: 'µs' });
  writeMicroseconds = post.microseconds;
}

async function patches(bench: Bench): Promise<void> {
  const objects = 512;
  await bench.load({
    method: 'POST',
    path: `${core}/configmaps`,
    body: configMapBody('patched-{n}'),
    requests: objects,
  });
  const shared = { method: 'PATCH', modulo: objects, seconds: seconds / 2 };
  const strategic = await bench.costing({
    ...shared,
    path: `${core}/configmaps/patched-{n}`,
    contentType: 'application/strategic-merge-patch+json',
    body: '{"data":{"key":"{m}"}}',
  });
  bench.add({
    name: 'strategic merge patch, 64 connections',
    value: strategic.perSecond,
    unit: 'per s',
    goal: '>= 2,000',
  });
  bench.add({ name: 'strategic merge patch, processor time', value: strategic.microseconds, unit: 'µs' });
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied-{n}' }, data: { key: '{m}' } };
  const apply = await bench.costing({
    ...shared,
    path: `${core}/configmaps/applied-{n}?fieldManager=bench`,
    contentType: 'application/apply-patch+yaml',
    body: JSON.stringify(config),
  });
  bench.add({ name: 'server-side apply, 64 connections', value: apply.perSecond, unit: 'per s', goal: '>= 2,000' });
  bench.add({ name: 'server-side apply, processor time', value: apply.microseconds, unit: 'µs' });
}

async function fanOut(bench: Bench): Promise<void> {
  const seen = await bench.fanOut({ watchers, writes: watchedEvents, path: watched, body: configMapBody('seen-{n}') });
  bench.add({
    name: `${watchers} watchers × ${count(watchedEvents)} events, 64 writers`,
    value: seen.perSecond,
    unit: 'deliveries per s',
    goal: '>= 220,000',
    peerValue: 92_000,
  });
  bench.add({
    name: 'the same, processor time of a delivery, its share of the write included',
    value: seen.spent / (watchers * watchedEvents),
    unit: 'µs',
  });
  bench.add({ name: 'watches that the server ended meanwhile', value: seen.ended, unit: '', goal: '0', peerValue: 93 });
  for (const number of [30, 100, 300, 1_000]) {
    const writes = Math.round(150_000 / number);
    const { spent } = await bench.fanOut({
      watchers: number,
      writes,
      path: watched,
      body: configMapBody(`w${number}-{n}`),
    });
    // Writes cost less together with their deliveries than alone, where there are few watchers.
    bench.add({
      name: `growth: delivery to a watcher, ${count(number)} watchers`,
      value: Math.max(0.1, (spent - writes * writeMicroseconds) / (writes * number)),
      unit: 'µs',
    });
  }
}

/** Brings the cluster to so many pods and says what requests cost there. */
async function grow(bench: Bench, from: number, to: number): Promise<void> {
  await bench.load({
    method: 'POST',
    path: `${core}/pods`,
    body: podBody,
    first: from,
    requests: to - from,
    seconds: 600,
  });
  await rest();
  bench.add({ name: `growth: memory of the member, ${count(to)} pods`, value: bench.memory(), unit: 'MB' });
  const short = { seconds: 2, connections: 16 };
  const [get, post, node] = [
    await bench.costing({ ...short, path: `${core}/pods/pod-${to - 1}` }),
    await bench.costing({ ...short, method: 'POST', path: `${core}/configmaps`, body: configMapBody(`at-${to}-{n}`) }),
    await bench.costing({ ...short, path: '/api/v1/pods?labelSelector=none%3Dx&fieldSelector=spec.nodeName%3Dnode-0' }),
  ];
  for (const [what, { microseconds }] of [
    ['GET a pod', get],
    ['POST ConfigMap', post],
    ['LIST by node', node],
  ] as const)
    bench.add({ name: `growth: ${what}, ${count(to)} pods`, value: microseconds, unit: 'µs' });
  const page = await bench.costing({ ...short, connections: 4, path: '/api/v1/pods?limit=500' });
  bench.add({
    name: `growth: LIST, a pod of a page, ${count(to)} pods`,
    value: page.microseconds / Math.min(500, to),
    unit: 'µs',
  });
}

async function lists(bench: Bench): Promise<void> {
  await grow(bench, 0, listedPods / 5);
  await grow(bench, listedPods / 5, listedPods);
  const whole = await bench.costing({ path: '/api/v1/pods', connections: 4 });
  bench.add({
    name: 'LIST 5,000 pods, 4 connections',
    value: whole.perSecond,
    unit: 'per s',
    goal: '>= 60',
    peerValue: 11.9,
  });
  bench.add({ name: 'LIST 5,000 pods, processor time', value: whole.microseconds / 1000, unit: 'ms' });
  const page = await bench.costing({ path: '/api/v1/pods?limit=500', connections: 8 });
  bench.add({
    name: 'pages of 500 pods, 8 connections',
    value: page.perSecond,
    unit: 'per s',
    goal: '>= 590',
    peerValue: 118,
  });
  bench.add({ name: 'pages of 500 pods, processor time', value: page.microseconds / 1000, unit: 'ms' });
}

const idlePath = '/api/v1/namespaces/kube-system/secrets?watch=1&allowWatchBookmarks=true&timeoutSeconds=600';

/**
 * What watches at rest add to a member that did nothing before: later they would hide in memory that earlier loads
 * left.
 */
async function idle(bench: Bench, name: string, open: () => ReturnType<Bench['watch']>): Promise<void> {
  await rest();
  const before = bench.memory();
  const watches = open();
  await watches.line('open');
  bench.add({
    name: `${count(idleWatches)} idle watches${name}`,
    value: bench.memory() - before,
    unit: 'MB',
    goal: '<= 300',
  });
  watches.child.stdin?.end();
}

function idleOverHttp2(bench: Bench): Promise<void> {
  const clients = idleWatches / watchesPerClient;
  return idle(bench, ` of ${clients} clients over HTTP/2`, () =>
    bench.watchOverHttp2({ clients, watchesPerClient, path: idlePath }),
  );
}

function idleOverConnections(bench: Bench): Promise<void> {
  return idle(bench, ', a connection each', () =>
    bench.watch({ watches: idleWatches, path: idlePath, events: Number.MAX_SAFE_INTEGER }),
  );
}

async function large(bench: Bench): Promise<void> {
  const { cluster } = bench;
  await grow(bench, listedPods, storedPods);
  const stored = `${count(storedPods)} pods of 2.4 KB`;
  bench.add({ name: `memory with ${stored}`, value: bench.memory(), unit: 'MB', goal: '<= 600' });
  const samples = await bench.readMs(
    Array.from({ length: 20 }, (_, i) => `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-${i}`),
  );
  bench.add({ name: `LIST by node among ${stored}, p50`, value: quantile(samples, 0.5), unit: 'ms', goal: '<= 5' });
  cluster.troupe('down');
  const from = performance.now();
  const again = cluster.up(['--nodes', '0']);
  if (again.status !== 0) throw new Error(again.stderr);
  bench.add({ name: `start with ${stored}`, value: (performance.now() - from) / 1000, unit: 's', goal: '<= 5' });
  await rest();
  bench.add({
    name: `memory ${settleMs / 1000} s after that start`,
    value: bench.memory(),
    unit: 'MB',
    goal: '<= 600',
  });
}

/** Each part has a cluster of its own, so that no part's objects count in another's memory. */
async function measure(steps: readonly ((bench: Bench) => Promise<void>)[]): Promise<Bench> {
  const cluster = await Cluster.create('bench-api', ['--nodes', '0'], ['node:', '  graceMs: 86400000']);
  try {
    const bench = new Bench(cluster, { seconds, groups: nodes });
    for (const step of steps) await step(bench);
    return bench;
  } finally {
    cluster.destroy();
  }
}

const loadBefore = loadavg()[0] ?? 0;
const parts = [
  await measure([empty, addNodes, single, patches, fanOut]),
  await measure([idleOverHttp2]),
  await measure([idleOverConnections]),
  await measure([addNodes, lists, large]),
];
const figures = parts.flatMap((part) => part.figures);
report('The API server', figures);
if (process.argv.includes('--write-docs')) {
  const generator =
    parts[0]?.generator === 'wrk'
      ? 'wrk'
      : 'a generator in Node.js, which costs as much as the server: wrk is not installed';
  const load = `load average ${loadBefore.toFixed(1)} before the run`;
  writeDocuments(figures, `${load}; rates are measured with ${generator}`);
}
