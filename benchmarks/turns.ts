/**
 * Two builds of Troupe in turns: what each kind of request costs a member of either, in processor time. Unlike a rate
 * it says something on a busy machine too, and short turns meet the same neighbours. Each round starts new members,
 * since what one process does to its own code and memory lasts as long as it lives.
 *   node benchmarks/turns.ts --other DIR [--rounds 3] [--turns 3] [--only get,create] [--json FILE]
 * DIR: a checkout of the other build, with its node_modules and `node scripts/build.ts` run.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cluster } from '../test/integration/cluster.ts';
import { Bench } from './api/bench.ts';
import { type Figure, quantile, report } from './figures.ts';

const { values } = parseArgs({
  options: {
    other: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    turns: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
if (values.other === undefined) throw new Error('--other DIR: say which checkout to compare with');
const [rounds, turns] = [Number(values.rounds), Number(values.turns)];
const only = values.only === '' ? undefined : values.only.split(',');
const core = '/api/v1/namespaces/default';
const patched = 256;
const listedPods = 500;
const watchers = 100;

const podBody = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod-{n}', labels: { app: 'bench', tier: 'backend' } },
  spec: {
    nodeName: 'node-0',
    containers: [
      { name: 'main', image: 'registry.invalid/app:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } },
    ],
  },
});
/** What a node's agent writes when the container of a pod started; `{m}` differs by request. */
const statusBody = JSON.stringify({
  status: {
    phase: 'Running',
    podIP: '10.245.0.7',
    podIPs: [{ ip: '10.245.0.7' }],
    startTime: '2026-01-01T00:00:00Z',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
    containerStatuses: [
      {
        name: 'main',
        image: 'registry.invalid/app:1',
        imageID: 'registry.invalid/app@sha256:0',
        ready: true,
        started: true,
        restartCount: 0,
        containerID: 'simulated://{m}',
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  },
});
const mapBody = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'x'.repeat(256) } });

interface Case {
  readonly name: string;
  readonly title: string;
  /**
   * µs of the member's processor time for one request, or what `title` says. Turn 0 warms the member up; names of
   * objects differ by turn.
   */
  readonly cost: (bench: Bench, turn: number) => Promise<number>;
}

type Load = Parameters<Bench['costing']>[0];

const costOf = async (bench: Bench, load: Load): Promise<number> => (await bench.costing(load)).microseconds;

const allCases: readonly Case[] = [
  { name: 'get', title: 'GET a pod', cost: (bench) => costOf(bench, { path: `${core}/pods/pod-0` }) },
  {
    name: 'create',
    title: 'POST a ConfigMap',
    cost: (bench, turn) =>
      costOf(bench, { method: 'POST', path: `${core}/configmaps`, body: mapBody(`made-${turn}-{n}`) }),
  },
  {
    name: 'patch',
    title: 'strategic merge patch of a ConfigMap',
    cost: async (bench, turn) => {
      const body = mapBody('patched-{n}');
      if (turn === 0) await bench.load({ method: 'POST', path: `${core}/configmaps`, body, requests: patched });
      return await costOf(bench, {
        method: 'PATCH',
        path: `${core}/configmaps/patched-{n}`,
        modulo: patched,
        contentType: 'application/strategic-merge-patch+json',
        body: `{"data":{"key":"${turn}-{m}"}}`,
      });
    },
  },
  {
    name: 'apply',
    title: 'server-side apply of a ConfigMap',
    cost: (bench, turn) =>
      costOf(bench, {
        method: 'PATCH',
        path: `${core}/configmaps/applied-{n}?fieldManager=bench`,
        modulo: patched,
        contentType: 'application/apply-patch+yaml',
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'applied-{n}' },
          data: { key: `${turn}-{m}` },
        }),
      }),
  },
  {
    name: 'delete',
    title: 'DELETE a ConfigMap',
    cost: async (bench, turn) => {
      const [path, load] = [`${core}/configmaps`, { requests: 2_000, seconds: 60 }];
      await bench.load({ ...load, method: 'POST', path, body: mapBody(`gone-${turn}-{n}`) });
      return await costOf(bench, { ...load, method: 'DELETE', path: `${path}/gone-${turn}-{n}` });
    },
  },
  {
    name: 'pod',
    title: 'POST a pod',
    cost: (bench, turn) =>
      costOf(bench, {
        method: 'POST',
        path: `${core}/pods`,
        body: podBody,
        first: (turn + 1) * 10_000,
        requests: 1_000,
        seconds: 60,
      }),
  },
  {
    name: 'status',
    title: "strategic merge patch of a pod's status",
    cost: (bench) =>
      costOf(bench, {
        method: 'PATCH',
        path: `${core}/pods/pod-{n}/status`,
        modulo: listedPods,
        contentType: 'application/strategic-merge-patch+json',
        body: statusBody,
      }),
  },
  {
    name: 'list',
    title: `a page of ${listedPods} pods`,
    cost: (bench) => costOf(bench, { path: `/api/v1/pods?limit=${listedPods}`, connections: 4 }),
  },
  {
    name: 'watch',
    title: `a delivery to one of ${watchers} watchers, its share of the write included`,
    cost: async (bench, turn) => {
      const [path, writes] = ['/api/v1/namespaces/kube-public/configmaps', 1_000];
      const { spent } = await bench.fanOut({ watchers, writes, path, body: mapBody(`seen-${turn}-{n}`) });
      return spent / (watchers * writes);
    },
  },
];
const cases = allCases.filter(({ name }) => only === undefined || only.includes(name));

interface Build {
  readonly name: string;
  readonly Cluster: typeof Cluster;
  readonly samples: Map<string, number[]>;
}

async function buildOf(name: string, folder: string): Promise<Build> {
  const module = (await import(join(folder, 'test/integration/cluster.ts'))) as { readonly Cluster: typeof Cluster };
  return { name, Cluster: module.Cluster, samples: new Map() };
}

async function start({ name, Cluster: Started }: Build): Promise<Bench> {
  const cluster = await Started.create(`turns-${name}`, ['--nodes', '0'], ['node:', '  graceMs: 86400000']);
  const bench = new Bench(cluster, { seconds: 1, groups: 1 });
  const node = JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0' } });
  await bench.load({ method: 'POST', path: '/api/v1/nodes', body: node, requests: 1, connections: 1 });
  await bench.load({ method: 'POST', path: `${core}/pods`, body: podBody, requests: listedPods, seconds: 60 });
  return bench;
}

async function turn(members: readonly { readonly build: Build; readonly bench: Bench }[], i: number): Promise<void> {
  for (const { name, cost } of cases)
    for (const { build, bench } of i % 2 === 0 ? members : members.toReversed()) {
      const micros = await cost(bench, i);
      if (i > 0) build.samples.set(name, [...(build.samples.get(name) ?? []), micros]);
    }
}

async function round(builds: readonly Build[]): Promise<void> {
  const members: { readonly build: Build; readonly bench: Bench }[] = [];
  try {
    for (const build of builds) members.push({ build, bench: await start(build) });
    for (let i = 0; i <= turns; i++) await turn(members, i);
  } finally {
    for (const { bench } of members) bench.cluster.destroy();
  }
}

const [own, other] = [
  await buildOf('this', resolve(import.meta.dirname, '..')),
  await buildOf('other', resolve(values.other)),
];
for (let i = 0; i < rounds; i++) await round([own, other]);

/** The ratio is the median of the turns' ratios: both halves of a turn met about the same neighbours. */
const figures = cases.map(({ name, title }): Figure => {
  const [mine, theirs] = [own, other].map(({ samples }) => samples.get(name) ?? []) as [number[], number[]];
  const shown = (samples: readonly number[]): string => samples.map((value) => value.toFixed(1)).join(' ');
  console.error(`${name}: ${shown(mine)} against ${shown(theirs)}`);
  const ratio = quantile(
    mine.map((value, i) => value / (theirs[i] ?? Number.NaN)),
    0.5,
  );
  const [value, peerValue] = [quantile(mine, 0.5), quantile(theirs, 0.5)];
  return { name: title, value, unit: 'µs', peer: 'the other build', peerValue, ratio };
});
report(`Processor time of a member for a request (median of ${rounds} rounds of ${turns} turns)`, figures);
