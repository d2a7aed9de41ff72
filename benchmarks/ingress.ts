/**
 * What the ingress costs: the same small answer straight from a pod, through the ingress's proxy, and through nginx and
 * HAProxy where they are installed, one process or thread each, in turns within one run.
 *   npm run bench:ingress -- [--json FILE] [--quick]
 * Processor time per request says more than rates on a machine that is busy or has few cores: load, proxy and pod share
 * them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '../test/integration/cluster.ts';
import { type Figure, quantile, report } from './figures.ts';
import { haproxyPeer, nginxPeer } from './ingress/peers.ts';
import type { LoadResult } from './load/request-load.ts';
import { hasWrk, wrkLoad } from './load/wrk.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 4;
const seconds = quick ? 2 : 4;
const connections = 64;

interface Way {
  readonly name: string;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Whose processor time is counted. */
  readonly pid: number;
}

interface Measured extends LoadResult {
  readonly microseconds: number;
}

/** The process's user and system time so far, in µs: the fields after the program's name, in hundredths of a second. */
function spent(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function measure({ scheme, port, pid }: Way): Promise<Measured> {
  const before = spent(pid);
  const result = await wrkLoad({
    scheme,
    port,
    connections,
    seconds,
    token: 'x',
    method: 'GET',
    path: '/',
    requests: Number.MAX_SAFE_INTEGER,
  });
  if (result.failures > 0) throw new Error(`${result.failures} of ${result.answers} answers were failures`);
  return { ...result, microseconds: (spent(pid) - before) / result.answers };
}

const children: ChildProcess[] = [];

function start(command: readonly string[]): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** Starts a program of this folder and reads the ports that it prints. */
async function startOwn(
  file: string,
  args: readonly string[] = [],
): Promise<{ readonly pid: number; readonly ports: readonly number[] }> {
  const child = start([process.execPath, join(import.meta.dirname, 'ingress', file), ...args]);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (piece: Buffer) => {
      resolve(piece.toString());
    });
    child.once('exit', () => {
      reject(new Error(`${file} ended`));
    });
  });
  return { pid: child.pid ?? 0, ports: line.trim().split(' ').map(Number) };
}

const answers = (port: number): Promise<boolean> =>
  eventually(
    `port ${port} to be open`,
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => {
          resolve(false);
        });
      }),
  );

/** The ways to the pod, each with what runs it. */
async function ways(folder: string): Promise<readonly Way[]> {
  const pod = await startOwn('pod.ts');
  const podPort = pod.ports[0] ?? 0;
  const proxy = await startOwn('proxy.ts', [String(podPort)]);
  const peers = [
    nginxPeer(folder, { port: await freePort(), podPort }),
    haproxyPeer(folder, { port: await freePort(), podPort }),
  ].filter((peer) => peer !== undefined);
  const started = await Promise.all(
    peers.map(async ({ name, port, command }) => {
      const { pid = 0 } = start(command);
      await answers(port);
      return { name, port, pid, scheme: 'http' as const };
    }),
  );
  return [
    { name: 'pod', scheme: 'http', port: podPort, pid: pod.pid },
    { name: 'ingress', scheme: 'http', port: proxy.ports[0] ?? 0, pid: proxy.pid },
    { name: 'ingress over TLS', scheme: 'https', port: proxy.ports[1] ?? 0, pid: proxy.pid },
    ...started,
  ];
}

function figuresOf(results: ReadonlyMap<string, readonly Measured[]>): readonly Figure[] {
  const median = (name: string, of: (one: Measured) => number): number =>
    quantile((results.get(name) ?? []).map(of), 0.5);
  const [peer] = [...results.keys()].filter((name) => /nginx|haproxy/.test(name));
  const own = ([what, of, unit]: readonly [
    what: string,
    of: (one: Measured) => number,
    unit: string,
  ]): readonly Figure[] =>
    [...results.keys()].map((name) => {
      const value = median(name, of);
      const beside =
        name === 'ingress' && peer !== undefined
          ? { peer, peerValue: median(peer, of), ratio: value / median(peer, of) }
          : {};
      return { name: `${name}: ${what}`, value, unit, ...beside };
    });
  return (
    [
      ['GET of 1 KiB, 64 connections', (one) => one.perSecond, 'per s'],
      ['p99', (one) => one.p99Ms, 'ms'],
      ['processor time of a request', (one) => one.microseconds, 'µs'],
    ] as const satisfies readonly (readonly [string, (one: Measured) => number, string])[]
  ).flatMap(own);
}

if (!hasWrk()) throw new Error('wrk makes the load; install it: apt-get install wrk');
const folder = mkdtempSync(join(tmpdir(), 'troupe-bench-ingress-'));
try {
  const [busy = 0] = loadavg();
  const all = await ways(folder);
  const results = new Map(all.map(({ name }) => [name, [] as Measured[]]));
  for (const way of all)
    await wrkLoad({
      scheme: way.scheme,
      port: way.port,
      connections,
      seconds: 1,
      token: 'x',
      method: 'GET',
      path: '/',
      requests: Number.MAX_SAFE_INTEGER,
    });
  for (let round = 0; round < rounds; round++) {
    for (const way of all) results.get(way.name)?.push(await measure(way));
  }
  report(
    `Ingress, ${rounds} rounds of ${seconds} s each; load of the machine before: ${busy.toFixed(1)}`,
    figuresOf(results),
  );
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
