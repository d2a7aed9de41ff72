/** Processes with too little processor time or memory, by control groups of either version. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Impossible } from '../targets/target.ts';
import { type BeginFault, type Effect, type FaultContext, victimOf } from './fault.ts';

const base = '/sys/fs/cgroup';
const periodUs = 100_000;
const mebibyte = 1024 * 1024;

interface Controller {
  readonly version: 1 | 2;
  /** Where groups of this controller are made. */
  readonly folder: string;
}

function controllerOf(name: 'cpu' | 'memory'): Controller {
  if (process.getuid?.() !== 0) throw new Impossible('pressure needs root rights');
  if (existsSync(join(base, name, 'cgroup.procs'))) return { version: 1, folder: join(base, name) };
  const enabled = join(base, 'cgroup.subtree_control');
  if (existsSync(enabled) && readFileSync(enabled, 'utf8').split(/\s/).includes(name))
    return { version: 2, folder: base };
  throw new Impossible(`this machine has no control groups for ${name}`);
}

/** The folder of the group that a process is in. */
function groupOf(pid: number, { version, folder }: Controller, name: string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const line = lines.find((each) =>
    version === 2 ? each.startsWith('0::') : each.split(':')[1]?.split(',').includes(name),
  );
  return join(folder, line?.split(':').slice(2).join(':') ?? '');
}

interface Pressure {
  readonly controller: 'cpu' | 'memory';
  /** Files of the new group with what to write to them, by version. */
  readonly limits: (
    context: FaultContext,
    pid: number,
  ) => Readonly<Record<1 | 2, readonly (readonly [string, string])[]>>;
  /** The file that counts what the limit held up, and the pattern of the count, by version. */
  readonly count: Readonly<Record<1 | 2, readonly [string, RegExp]>>;
  readonly unit: string;
}

const press =
  ({ controller: name, limits, count, unit }: Pressure): BeginFault =>
  async (context): Promise<Effect> => {
    const controller = controllerOf(name);
    const { version, folder } = controller;
    const { name: victim, pids } = await victimOf(context);
    const [pid = 0] = pids;
    const before = groupOf(pid, controller, name);
    const group = join(folder, `troupe-chaos-${process.pid}-${name}-${victim}`);
    mkdirSync(group, { recursive: true });
    for (const [file, value] of limits(context, pid)[version]) writeFileSync(join(group, file), value);
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    const [file, pattern] = count[version];
    return {
      victim,
      proof: `process ${pid} is in a control group with ${limits(context, pid)
        [version].map((each) => each.join(' '))
        .join(', ')}`,
      end: () => {
        const held = pattern.exec(readFileSync(join(group, file), 'utf8'))?.[1] ?? '0';
        for (const each of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n'))
          if (each !== '') moveBack(before, each);
        rmdirSync(group);
        if (held === '0') return Promise.reject(new Error(`the limit never held it up (0 ${unit})`));
        return Promise.resolve(`${held} ${unit}`);
      },
    };
  };

function moveBack(group: string, pid: string): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), pid);
  } catch {
    // It has ended meanwhile.
  }
}

export const pressCpu = press({
  controller: 'cpu',
  limits: ({ spec }) => {
    const quota = String((periodUs * spec.amount) / 100);
    return {
      1: [
        ['cpu.cfs_period_us', String(periodUs)],
        ['cpu.cfs_quota_us', quota],
      ],
      2: [['cpu.max', `${quota} ${periodUs}`]],
    };
  },
  count: { 1: ['cpu.stat', /nr_throttled (\d+)/], 2: ['cpu.stat', /nr_throttled (\d+)/] },
  unit: 'times held up',
});

/** In version 1 what the process has stays counted where it was: the limit is on what it takes from here on. */
export const pressMemory = press({
  controller: 'memory',
  limits: ({ spec }, pid) => ({
    1: [['memory.limit_in_bytes', String(spec.amount * mebibyte)]],
    2: [['memory.max', String(residentBytes(pid) + spec.amount * mebibyte)]],
  }),
  count: { 1: ['memory.failcnt', /(\d+)/], 2: ['memory.events', /\nmax (\d+)/] },
  unit: 'times at the limit',
});

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}
