/**
 * What a sandbox costs a pod of one container, and what the ways without one would save, by bare calls of an engine.
 *   node benchmarks/sandboxes.ts [docker | podman] [--json FILE]
 */
import { loadavg } from 'node:os';
import { ensureBusyboxImage } from '../scripts/example-image.ts';
import { missingForPodman, PodmanEngine } from '../src/node-agent/runtime/podman.fixture.ts';
import { dockerRuntime, podmanRuntime } from '../src/node-agent/runtime/index.ts';
import { systemTimers } from '../src/platform/index.ts';
import { type Figure, quantile, report } from './figures.ts';
import { bridge, type Engine, runScript, type SandboxWay, sandboxWays, type Started } from './load/sandbox-ways.ts';

const image = 'troupe.local/hello:1';
const network = 'troupe-benchmark-sandboxes';
const rounds = 15;
const manyCount = 30;
const startsAtOnce = 8;

interface Measured {
  readonly way: SandboxWay;
  readonly ms: number[];
  readonly manySeconds: number[];
  /** From a program's first instruction until it saw its link; Podman's times of lines are too coarse for it. */
  readonly gapsMs: number[];
}

/** The names of containers are unique in a run. */
let made = 0;
const podName = (): string => `sandboxes-${process.pid}-${made++}`;

async function remove({ runtime }: Engine, { containers, namespace }: Started): Promise<void> {
  for (const id of containers.toReversed()) await runtime.remove(id);
  if (namespace !== undefined) await runScript(`ip netns delete ${namespace}`);
}

/** By the engine's own times of the program's two lines; undefined where it writes none. */
async function gap({ runtime }: Engine, { containers }: Started): Promise<number | undefined> {
  let text = '';
  const output = await runtime.logs(containers.at(-1) ?? '', { follow: false, timestamps: true });
  for await (const { data } of output) text += Buffer.from(data).toString();
  const times = new Map(text.split('\n').map((line) => [line.split(' ')[1], line.split(' ')[0] ?? ''] as const));
  const [from, to] = ['begun', 'linked'].map((word) => times.get(word));
  if (from === undefined || to === undefined) return undefined;
  // Nanoseconds, of which Date reads three digits.
  const fraction = (time: string): number => Number(`0.${/\.(\d+)/.exec(time)?.[1] ?? '0'}`) * 1000;
  const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000) * 1000;
  return seconds(to) + fraction(to) - seconds(from) - fraction(from);
}

async function single(engine: Engine, { way, ms, gapsMs }: Measured): Promise<void> {
  const from = performance.now();
  const started = await way.start(podName());
  ms.push(performance.now() - from);
  const seen = await gap(engine, started);
  if (seen !== undefined) gapsMs.push(seen);
  await remove(engine, started);
}

async function many(engine: Engine, { way, manySeconds }: Measured): Promise<void> {
  const all: Started[] = [];
  let left = manyCount;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: startsAtOnce }, async () => {
      while (left > 0) {
        left--;
        all.push(await way.start(podName()));
      }
    }),
  );
  manySeconds.push((performance.now() - from) / 1000);
  for (const each of all) await remove(engine, each);
}

async function figures(name: string, engine: Engine, ways: readonly SandboxWay[]): Promise<Figure[]> {
  const all: Measured[] = ways.map((way) => ({ way, ms: [], manySeconds: [], gapsMs: [] }));
  for (let round = 0; round < rounds; round++) for (const each of all) await single(engine, each);
  for (let round = 0; round < 2; round++) for (const each of all) await many(engine, each);
  const now = quantile(all[0]?.ms ?? [], 0.5);
  return all.flatMap(({ way, ms, manySeconds, gapsMs }) => {
    const value = quantile(ms, 0.5);
    const row = (what: string, amount: number, unit: string): Figure => ({ name: `  ${what}`, value: amount, unit });
    return [
      {
        name: `${name}: ${way.name}, p50 of ${rounds}`,
        value,
        unit: 'ms',
        peer: 'as now',
        peerValue: now,
        ratio: now / value,
      },
      row(`${manyCount} of them, ${startsAtOnce} at once, the better of two`, Math.min(...manySeconds), 's'),
      ...(gapsMs.length === 0 || name !== 'Docker'
        ? []
        : [
            row('first instruction until its link is seen, p50', quantile(gapsMs, 0.5), 'ms'),
            row('first instruction until its link is seen, most', Math.max(...gapsMs), 'ms'),
          ]),
    ];
  });
}

/** With a sandbox that runs throughout. */
async function measured(name: string, engine: Engine, own?: string): Promise<Figure[]> {
  const [asNow] = sandboxWays(engine, { sandbox: '', isPodman: false });
  const ahead = await asNow?.start(podName());
  if (ahead === undefined) return [];
  try {
    const sandbox = ahead.containers[0] ?? '';
    return await figures(name, engine, sandboxWays(engine, { sandbox, network: own, isPodman: name === 'Podman' }));
  } finally {
    await remove(engine, ahead);
  }
}

async function docker(): Promise<Figure[]> {
  ensureBusyboxImage(image);
  const socketPath = '/var/run/docker.sock';
  const runtime = dockerRuntime({ socketPath, timers: systemTimers });
  const spec = { name: network, bridge: 'trp-sandboxes2', subnet: '10.253.0.0/16', gateway: '10.253.0.1', labels: {} };
  await runtime.ensureNetwork(spec);
  try {
    const engine = { runtime, socketPath, image, sandboxImage: await runtime.sandboxImage() };
    return await measured('Docker', engine, network);
  } finally {
    await runtime.removeNetwork(network, {});
    runtime.close();
  }
}

async function podman(): Promise<Figure[]> {
  const server = new PodmanEngine();
  try {
    await server.start();
    await server.importBusybox(image);
    const runtime = podmanRuntime({ socketPath: server.socket, timers: systemTimers });
    const engine = { runtime, socketPath: server.socket, image, sandboxImage: await runtime.sandboxImage() };
    return await measured('Podman', engine);
  } finally {
    await server.stop();
  }
}

const wanted = process.argv.slice(2).filter((word) => word === 'docker' || word === 'podman');
const wants = (name: 'docker' | 'podman'): boolean => wanted.length === 0 || wanted.includes(name);
const loadBefore = `load average ${(loadavg()[0] ?? 0).toFixed(1)} before it`;
await runScript(`ip link add ${bridge.bridge} type bridge
ip address add 10.252.0.1/16 dev ${bridge.bridge}
ip link set ${bridge.bridge} up`);
const all: Figure[] = [];
try {
  if (wants('docker')) all.push(...(await docker()));
  const problem = missingForPodman();
  if (problem !== undefined) console.log(`Podman is left out: ${problem}`);
  else if (wants('podman')) all.push(...(await podman()));
} finally {
  await runScript(`ip link delete ${bridge.bridge}`);
}
report(`Pods of one container (${loadBefore})`, all);
