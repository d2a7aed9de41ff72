/** What Services cost the node: a thousand of them with ten endpoints each, written whole, and a change of one. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointSlice, New, Service } from '../../src/api/index.ts';
import { type HostPort, ruleset, servicePorts } from '../../src/node-agent/proxy/index.ts';
import { type RunCommand } from '../../src/node-agent/network/index.ts';
import { TableWriter } from '../../src/node-agent/proxy/table-writer.ts';
import { type Figure, quantile } from '../figures.ts';

const services = 1_000;
const endpoints = 10;
const turns = 15;

export const facts = {
  family: 'IPv4' as const,
  table: 'troupe_bench',
  bridge: 'trp-bench',
  overlay: 'trpx-bench',
  clusterCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/16',
  filtered: true,
  hostPorts: [] as HostPort[],
};

/** Stored objects; what they leave out, nobody reads here. */
const stored = <T>(fields: New<T>): T => fields as T;

export function serviceOf(number: number, nodePort = 0): Service {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const, nodePort }];
  const clusterIP = `10.96.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
  return stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${number}`, namespace: 'bench' },
    spec: { type: nodePort === 0 ? 'ClusterIP' : 'NodePort', clusterIP, ports },
  });
}

export function sliceOf(number: number, addresses: readonly string[]): EndpointSlice {
  return stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `service-${number}-a`,
      namespace: 'bench',
      labels: { 'kubernetes.io/service-name': `service-${number}` },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address, i) => ({
      addresses: [address],
      conditions: { ready: true },
      nodeName: `node-${i}`,
    })),
  });
}

const addressOf = (number: number): string => `10.244.${Math.floor(number / 250)}.${2 + (number % 250)}`;

/** One Service in ten has a node port. */
function world(): { readonly services: readonly Service[]; readonly slices: EndpointSlice[] } {
  const numbers = Array.from({ length: services }, (_, i) => i);
  return {
    services: numbers.map((i) => serviceOf(i, i % 10 === 0 ? 30_000 + i : 0)),
    slices: numbers.map((i) =>
      sliceOf(
        i,
        Array.from({ length: endpoints }, (_, j) => addressOf(i * endpoints + j)),
      ),
    ),
  };
}

/** A package of the same name as nft may stand before the system's program on npm's path. */
const programs = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** Runs programs in a network namespace, and keeps how long nft took. */
function runIn(space: string): { readonly run: RunCommand; nftMs: number } {
  const timed = {
    nftMs: 0,
    run: ((command, args, stdin) =>
      new Promise((resolve, reject) => {
        const from = performance.now();
        const child = spawn('nsenter', [`--net=/run/netns/${space}`, command, ...args], {
          stdio: ['pipe', 'ignore', 'pipe'],
          env: programs,
        });
        let errors = '';
        child.stderr.on('data', (data: Buffer) => {
          errors += data.toString();
        });
        child.on('close', (code) => {
          timed.nftMs = performance.now() - from;
          if (code === 0) resolve('');
          else reject(new Error(errors.slice(0, 2_000)));
        });
        child.stdin.on('error', () => undefined);
        child.stdin.end(stdin ?? '');
      })) as RunCommand,
  };
  return timed;
}

/**
 * When the kernel took over a change, which is before nft ends: closing, it waits until the memory of old rules is
 * free.
 */
class Generations {
  readonly #monitor: ChildProcessByStdio<null, Readable, null>;
  #last = 0;

  constructor(space: string) {
    this.#monitor = spawn('nsenter', [`--net=/run/netns/${space}`, 'nft', 'monitor'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: programs,
    });
    this.#monitor.stdout.on('data', (data: Buffer) => {
      if (data.includes('# new generation')) this.#last = performance.now();
    });
  }

  /** The time of the last one that began after `from`; in milliseconds, as `performance.now` counts. */
  async after(from: number): Promise<number> {
    for (const until = from + 5_000; performance.now() < until; await sleep(5))
      if (this.#last > from) return this.#last;
    throw new Error('nft monitor told of no new generation within 5 s');
  }

  close(): void {
    this.#monitor.kill();
  }
}

interface Spent {
  /** From the change until nft has ended. */
  readonly wholeMs: number;
  /** This process' own part: views, rules, text. */
  readonly ownMs: number;
}

/** The figures, measured in a network namespace of the caller's. */
export async function ruleFigures(space: string): Promise<readonly Figure[]> {
  const own = new Set(['node-0']);
  const timed = runIn(space);
  const write = async (writer: TableWriter, of: ReturnType<typeof world>): Promise<Spent> => {
    const from = performance.now();
    const processor = process.cpuUsage();
    const views = servicePorts(of.services, of.slices, { family: 'IPv4', localNodes: own });
    const writing = writer.write(ruleset(views, facts).table);
    const { user, system } = process.cpuUsage(processor);
    await writing;
    return { wholeMs: performance.now() - from, ownMs: (user + system) / 1000 };
  };
  const whole: Spent[] = [];
  for (let i = 0; i < turns; i++) whole.push(await write(new TableWriter(timed.run), world()));
  const writer = new TableWriter(timed.run);
  const running = world();
  await write(writer, running);
  const changes: Spent[] = [];
  const accepted: number[] = [];
  const generations = new Generations(space);
  await sleep(500);
  for (let i = 0; i < turns; i++) {
    const number = 37 * i;
    running.slices[number] = sliceOf(
      number,
      Array.from({ length: endpoints - 1 }, (_, j) => addressOf(number * endpoints + j)),
    );
    const from = performance.now();
    changes.push(await write(writer, running));
    accepted.push((await generations.after(from)) - from);
  }
  generations.close();
  const middle = (of: readonly Spent[], key: keyof Spent): number =>
    quantile(
      of.map((each) => each[key]),
      0.5,
    );
  const title = `${services} Services × ${endpoints} endpoints`;
  return [
    {
      name: `${title}, all rules: until the kernel has them`,
      value: middle(whole, 'wholeMs'),
      unit: 'ms',
      goal: '200',
    },
    { name: `${title}, all rules: the agent's processor`, value: middle(whole, 'ownMs'), unit: 'ms' },
    {
      name: `${title}, one endpoint: until the kernel has it`,
      value: quantile(accepted, 0.5),
      unit: 'ms',
      goal: '20',
    },
    { name: `${title}, one endpoint: until nft has ended`, value: middle(changes, 'wholeMs'), unit: 'ms' },
    { name: `${title}, one endpoint: the agent's processor`, value: middle(changes, 'ownMs'), unit: 'ms' },
  ];
}
