/** The processors of this machine: which are on, and which belong together. */
import { access, readFile } from 'node:fs/promises';
import { parseCpuList } from './cpu-list.ts';

/** What the kernel calls a CPU: one thread of a core. */
export interface Cpu {
  readonly id: number;
  /** Equal for the threads of one core, on whichever socket. */
  readonly core: string;
  readonly socket: string;
}

export interface MachineCpus {
  readonly cpus: readonly Cpu[];
  /** Control groups can keep processes to some of them. */
  readonly hasCpuset: boolean;
}

const sysFolder = '/sys/devices/system/cpu';
const cgroupFolder = '/sys/fs/cgroup';

export async function machineCpus(): Promise<MachineCpus> {
  const text = (path: string): Promise<string> =>
    readFile(path, 'utf8').then(
      (content) => content.trim(),
      () => '',
    );
  const online = parseCpuList(await text(`${sysFolder}/online`)) ?? [];
  const cpus = online.map(async (id): Promise<Cpu> => {
    const [socket, core] = await Promise.all(
      ['physical_package_id', 'core_id'].map((name) => text(`${sysFolder}/cpu${id}/topology/${name}`)),
    );
    // Where the kernel does not tell, each is a core of its own.
    return { id, socket: socket ?? '', core: `${socket}/${core === '' ? `cpu${id}` : core}` };
  });
  return { cpus: await Promise.all(cpus), hasCpuset: await hasCpuset(text) };
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
  cpus: Array.from({ length: count }, (_, id) => ({ id, core: `0/${id}`, socket: '0' })),
  hasCpuset: true,
});
