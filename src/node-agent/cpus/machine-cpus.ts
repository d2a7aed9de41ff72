/** The processors of this machine: which are on, and which belong together. */
import { access, readdir, readFile } from 'node:fs/promises';
import { parseCpuList } from './cpu-list.ts';

/** What the kernel calls a CPU: one thread of a core. */
export interface Cpu {
  readonly id: number;
  /** Equal for the threads of one core, on whichever socket. */
  readonly core: string;
  readonly socket: string;
  /** The part of the machine's memory that is near to it. */
  readonly numaNode: number;
}

export interface MachineCpus {
  readonly cpus: readonly Cpu[];
  /** The parts of the machine's memory, those without processors among them. */
  readonly numaNodes: readonly number[];
  /** Control groups can keep processes to some of them. */
  readonly hasCpuset: boolean;
}

const sysFolder = '/sys/devices/system';
const cgroupFolder = '/sys/fs/cgroup';

/** `folder`: what the kernel shows of its processors and its memory. */
export async function machineCpus(folder = sysFolder): Promise<MachineCpus> {
  const text = (path: string): Promise<string> =>
    readFile(path, 'utf8').then(
      (content) => content.trim(),
      () => '',
    );
  const online = parseCpuList(await text(`${folder}/cpu/online`)) ?? [];
  const nodes = await numaNodes(folder, text);
  const cpus = online.map(async (id): Promise<Cpu> => {
    const [socket, core] = await Promise.all(
      ['physical_package_id', 'core_id'].map((name) => text(`${folder}/cpu/cpu${id}/topology/${name}`)),
    );
    // Where the kernel does not tell, each is a core of its own.
    const numaNode = nodes.find((node) => node.cpus.includes(id))?.id ?? 0;
    return { id, socket: socket ?? '', core: `${socket}/${core === '' ? `cpu${id}` : core}`, numaNode };
  });
  return { cpus: await Promise.all(cpus), numaNodes: nodes.map(({ id }) => id), hasCpuset: await hasCpuset(text) };
}

/** A kernel that shows none has one. */
async function numaNodes(
  folder: string,
  text: (path: string) => Promise<string>,
): Promise<readonly { readonly id: number; readonly cpus: readonly number[] }[]> {
  const names = await readdir(`${folder}/node`).catch(() => []);
  const ids = names.flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  if (ids.length === 0) return [{ id: 0, cpus: [] }];
  return Promise.all(
    ids
      .sort((one, other) => one - other)
      .map(async (id) => ({ id, cpus: parseCpuList(await text(`${folder}/node/node${id}/cpulist`)) ?? [] })),
  );
}

/** Of either version; on some machines both are there. */
async function hasCpuset(text: (path: string) => Promise<string>): Promise<boolean> {
  const unified = (await text(`${cgroupFolder}/cgroup.controllers`)).split(' ').includes('cpuset');
  return (
    unified ||
    (await access(`${cgroupFolder}/cpuset/cpuset.cpus`).then(
      () => true,
      () => false,
    ))
  );
}

/** So many single cores on one socket. */
export const simulatedCpus = (count: number): MachineCpus => ({
  cpus: Array.from({ length: count }, (_, id) => ({ id, core: `0/${id}`, socket: '0', numaNode: 0 })),
  numaNodes: [0],
  hasCpuset: true,
});
