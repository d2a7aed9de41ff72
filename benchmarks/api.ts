/**
 * The API server's figures: one member without nodes, TLS, every write synced. The load comes from child processes of its own.
 *   npm run bench:api -- [--json FILE] [--quick]
 * Beside ours stands what kube-apiserver 1.33 with one etcd gave on this kind of machine (docs/ARCHITECTURE.md, "Numbers").
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Cluster, eventually } from '../test/integration/cluster.ts';
import { type Figure, quantile, report } from './figures.ts';
import type { LoadResult, RequestLoad } from './load/request-load.ts';
import type { WatchLoad } from './load/watch-load.ts';

const quick = process.argv.includes('--quick');
const seconds = quick ? 3 : 8;
const listedPods = 5_000;
const storedPods = quick ? 10_000 : 50_000;
/** Pods are bound to nodes that exist, else they would be collected; 100 on each in the end. */
const nodes = storedPods / 100;
const idleWatches = quick ? 1_000 : 10_000;
const watchers = 100;
const watchedEvents = 4_000;
const peer = 'kube-apiserver 1.33';
const core = '/api/v1/namespaces/default';
const never = Number.MAX_SAFE_INTEGER;
const run = promisify(execFile);
const program = (name: string): string => join(import.meta.dirname, 'load', name);

/** A pod of about 2.4 KB as it is stored. */
const podBody = JSON.stringify({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: 'pod-{n}', labels: { app: 'bench', tier: 'backend' } },
  spec: { nodeName: 'node-{g}', containers: [{ name: 'main', image: 'registry.invalid/app:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
});
const configMapBody = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'x'.repeat(256) } });

class Bench {
  readonly figures: Figure[] = [];
  readonly cluster: Cluster;
  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  add(figure: Figure): void {
    const { peerValue } = figure;
    this.figures.push(peerValue === undefined ? figure : { ...figure, peer, ratio: figure.value / peerValue });
    console.error(`${figure.name}: ${figure.value.toFixed(1)} ${figure.unit}`);
  }

  async load(load: Partial<RequestLoad> & Pick<RequestLoad, 'path'>): Promise<LoadResult> {
    const whole = { port: this.cluster.port, token: this.cluster.token, connections: 64, method: 'GET', seconds, requests: never, groups: nodes, ...load };
    const { stdout } = await run(process.execPath, [program('request-load.ts'), JSON.stringify(whole)], { maxBuffer: 1 << 20 });
    const result = JSON.parse(stdout) as LoadResult;
    if (result.failures > 0) throw new Error(`${result.failures} of ${result.answers} answers to ${whole.method} ${whole.path} were failures`);
    return result;
  }

  watch(load: Pick<WatchLoad, 'watches' | 'path' | 'events'>): { readonly child: ChildProcess; line(start: string): Promise<string> } {
    const child = spawn(process.execPath, [program('watch-load.ts'), JSON.stringify({ port: this.cluster.port, token: this.cluster.token, ...load })], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => { lines.push(line); });
    return { child, line: (start) => eventually(`"${start}" of the watchers`, () => lines.find((line) => line.startsWith(start)), 180_000) };
  }

  get #pid(): number {
    return this.cluster.status().members[0]?.pid ?? 0;
  }

  /** The member's resident memory in MB. */
  memory(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1] ?? 0) * 1024 / 1e6;
  }

  /** The member's processor time in µs an answer of a load: unlike a rate, it says something on a machine with other work, too. */
  async costing(name: string, load: () => Promise<LoadResult>): Promise<LoadResult> {
    const file = `/proc/${this.#pid}/stat`;
    // The fields after the program's name; user and system time are in hundredths of a second.
    const spent = (): number => readFileSync(file, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).reduce((sum, field) => sum + Number(field), 0) ?? 0;
    const before = spent();
    const result = await load();
    this.add({ name: `${name}, processor time`, value: (spent() - before) * 10_000 / result.answers, unit: 'µs' });
    return result;
  }
}

async function single(bench: Bench): Promise<void> {
  await bench.load({ method: 'POST', path: '/api/v1/nodes', body: JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-{n}' } }), requests: nodes });
  await bench.load({ method: 'POST', path: `${core}/pods`, body: podBody, requests: 1, connections: 1 });
  await bench.load({ path: `${core}/pods/pod-0`, seconds: 2 });
  const get = await bench.costing('GET a pod', () => bench.load({ path: `${core}/pods/pod-0` }));
  bench.add({ name: 'GET a pod, 64 connections', value: get.perSecond, unit: 'per s', goal: '>= 20,000', peerValue: 4_270 });
  bench.add({ name: 'GET a pod, p99', value: get.p99Ms, unit: 'ms', goal: '<= 15', peerValue: 41 });
  await bench.load({ method: 'POST', path: `${core}/configmaps`, body: configMapBody('warm-{n}'), seconds: 2 });
  const post = await bench.costing('POST ConfigMap', () => bench.load({ method: 'POST', path: `${core}/configmaps`, body: configMapBody('made-{n}') }));
  bench.add({ name: 'POST ConfigMap, 64 connections', value: post.perSecond, unit: 'per s', goal: '>= 7,500', peerValue: 2_474 });
  bench.add({ name: 'POST ConfigMap, p99', value: post.p99Ms, unit: 'ms' });
}

async function patches(bench: Bench): Promise<void> {
  const objects = 512;
  await bench.load({ method: 'POST', path: `${core}/configmaps`, body: configMapBody('patched-{n}'), requests: objects });
  const shared = { method: 'PATCH', modulo: objects, seconds: seconds / 2 };
  const strategic = await bench.load({ ...shared, path: `${core}/configmaps/patched-{n}`, contentType: 'application/strategic-merge-patch+json', body: '{"data":{"key":"{m}"}}' });
  bench.add({ name: 'strategic merge patch, 64 connections', value: strategic.perSecond, unit: 'per s', goal: '>= 2,000' });
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied-{n}' }, data: { key: '{m}' } };
  const apply = await bench.load({ ...shared, path: `${core}/configmaps/applied-{n}?fieldManager=bench`, contentType: 'application/apply-patch+yaml', body: JSON.stringify(config) });
  bench.add({ name: 'server-side apply, 64 connections', value: apply.perSecond, unit: 'per s', goal: '>= 2,000' });
}

async function lists(bench: Bench): Promise<void> {
  await bench.load({ method: 'POST', path: `${core}/pods`, body: podBody, first: 1, requests: listedPods - 1, seconds: 600 });
  const whole = await bench.load({ path: '/api/v1/pods', connections: 4 });
  bench.add({ name: 'LIST 5,000 pods, 4 connections', value: whole.perSecond, unit: 'per s', goal: '>= 60', peerValue: 11.9 });
  const page = await bench.load({ path: '/api/v1/pods?limit=500', connections: 8 });
  bench.add({ name: 'pages of 500 pods, 8 connections', value: page.perSecond, unit: 'per s', goal: '>= 590', peerValue: 118 });
}

async function fanOut(bench: Bench): Promise<void> {
  const events = watchers * watchedEvents;
  const path = '/api/v1/namespaces/kube-public/configmaps';
  const { metadata } = JSON.parse(await read(bench.cluster, path)) as { readonly metadata: { readonly resourceVersion: string } };
  const watch = bench.watch({ watches: watchers, path: `${path}?watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=600`, events });
  await watch.line('open');
  const began = performance.timeOrigin + performance.now();
  await bench.load({ method: 'POST', path, body: configMapBody('seen-{n}'), requests: watchedEvents, seconds: 600 });
  const done = JSON.parse((await watch.line('done')).slice(5)) as { readonly atMs: number; readonly delivered: number; readonly ended: number };
  watch.child.stdin?.end();
  bench.add({ name: `${watchers} watchers × ${watchedEvents.toLocaleString('en')} events, 64 writers`, value: events / ((done.atMs - began) / 1000), unit: 'deliveries per s', goal: '>= 220,000', peerValue: 92_000 });
  bench.add({ name: 'watches that the server ended meanwhile', value: done.ended, unit: '', goal: '0', peerValue: 93 });
}

async function idle(bench: Bench): Promise<void> {
  const before = bench.memory();
  const watch = bench.watch({ watches: idleWatches, path: '/api/v1/namespaces/kube-system/secrets?watch=1&allowWatchBookmarks=true&timeoutSeconds=600', events: never });
  await watch.line('open');
  bench.add({ name: `${idleWatches.toLocaleString('en')} idle watches`, value: bench.memory() - before, unit: 'MB', goal: '<= 300' });
  watch.child.stdin?.end();
}

function read(cluster: Cluster, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(`${cluster.url}${path}`, { ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}` } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => { text += piece; }).on('end', () => { resolve(text); });
    }).on('error', reject).end();
  });
}

async function listMs(cluster: Cluster, path: string): Promise<number> {
  const from = performance.now();
  await read(cluster, path);
  return performance.now() - from;
}

async function large(bench: Bench): Promise<void> {
  const { cluster } = bench;
  await bench.load({ method: 'POST', path: `${core}/pods`, body: podBody, first: listedPods, requests: storedPods - listedPods, seconds: 600 });
  const stored = `${storedPods.toLocaleString('en')} pods of 2.4 KB`;
  bench.add({ name: `memory with ${stored}`, value: bench.memory(), unit: 'MB', goal: '<= 600' });
  const samples: number[] = [];
  for (let i = 0; i < 20; i++) samples.push(await listMs(cluster, `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-${i}`));
  bench.add({ name: `LIST by node among ${stored}, p50`, value: quantile(samples, 0.5), unit: 'ms', goal: '<= 5' });
  cluster.troupe('down');
  const from = performance.now();
  const again = cluster.up(['--nodes', '0']);
  if (again.status !== 0) throw new Error(again.stderr);
  bench.add({ name: `start with ${stored}`, value: (performance.now() - from) / 1000, unit: 's', goal: '<= 5' });
  bench.add({ name: `memory after that start`, value: bench.memory(), unit: 'MB', goal: '<= 600' });
}

const cluster = await Cluster.create('bench-api', ['--nodes', '0'], ['node:', '  graceMs: 86400000']);
try {
  const bench = new Bench(cluster);
  bench.add({ name: 'memory, idle member', value: bench.memory(), unit: 'MB', goal: '<= 200' });
  for (const step of [single, patches, fanOut, lists, idle, large]) await step(bench);
  report('The API server', bench.figures);
} finally {
  cluster.destroy();
}
