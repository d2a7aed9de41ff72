/** Where counters of CPU and memory come from. */
import { readFile } from 'node:fs/promises';
import {
  cgroupCounters,
  type CgroupFiles,
  cgroupFiles,
  type CgroupMounts,
  cgroupMounts,
  type Counters,
  machineCounters,
  processesFile,
} from './cgroup.ts';

/** Reads the kernel's counters of this machine. What cannot be read is undefined. */
export interface UsageSource {
  /** Where a container's counters are, by its first process. */
  find(containerId: string, processId: number): Promise<CgroupFiles | undefined>;
  read(files: CgroupFiles): Promise<Counters | undefined>;
  machine(): Promise<Counters | undefined>;
  /** How many processes and threads a container has, by its first process. */
  processes(containerId: string, processId: number): Promise<number | undefined>;
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

export function kernelCounters(): UsageSource {
  let mounts: Promise<CgroupMounts> | undefined;
  const knownMounts = (): Promise<CgroupMounts> => {
    mounts ??= textOf('/proc/self/mountinfo').then((text) => cgroupMounts(text ?? ''));
    return mounts;
  };
  return {
    find: async (containerId, processId) => {
      const groups = await groupsOf(containerId, processId);
      return groups === undefined ? undefined : cgroupFiles(await knownMounts(), groups);
    },
    read: async ({ version, ...files }) => {
      const [cpu, memory, memoryStat] = await Promise.all([
        textOf(files.cpu),
        textOf(files.memory),
        textOf(files.memoryStat),
      ]);
      return cpu === undefined || memory === undefined || memoryStat === undefined
        ? undefined
        : cgroupCounters(version, { cpu, memory, memoryStat });
    },
    machine: async () => {
      const [stat, meminfo] = await Promise.all([textOf('/proc/stat'), textOf('/proc/meminfo')]);
      return stat === undefined || meminfo === undefined ? undefined : machineCounters(stat, meminfo);
    },
    processes: async (containerId, processId) => {
      const groups = await groupsOf(containerId, processId);
      const file = groups === undefined ? undefined : processesFile(await knownMounts(), groups);
      const text = file === undefined ? undefined : await textOf(file);
      return text === undefined ? undefined : Number(text);
    },
  };
}

/** Undefined where the process is none of the container's: its number may be another's by now. */
async function groupsOf(containerId: string, processId: number): Promise<string | undefined> {
  const groups = processId > 0 ? await textOf(`/proc/${processId}/cgroup`) : undefined;
  return groups?.includes(containerId) === true ? groups : undefined;
}

/** The simulated twin: containers have no counters of the kernel, so that the engine is asked; the machine is idle. */
export function simulatedCounters(): UsageSource {
  return {
    find: () => Promise.resolve(undefined),
    read: () => Promise.resolve(undefined),
    machine: () => Promise.resolve({ cpuNanoseconds: 0, workingSetBytes: 2 ** 30 }),
    processes: () => Promise.resolve(undefined),
  };
}
