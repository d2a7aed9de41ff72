/** Reads CPU time and memory from control groups (cgroups(7), both versions). */

/** CPU time and memory of a group of processes at one moment. */
export interface Counters {
  readonly cpuNanoseconds: number;
  /** Memory in use, without the file pages that lie idle: what the kernel could not just drop. */
  readonly workingSetBytes: number;
}

/** Where a control group filesystem is mounted, and which group stands at its root. */
interface Mount {
  readonly point: string;
  readonly root: string;
}

export interface CgroupMounts {
  /** Of version 1, by controller. */
  readonly controllers: ReadonlyMap<string, Mount>;
  /** Of version 2. */
  readonly unified: Mount | undefined;
}

/** The files of one group's counters. */
export interface CgroupFiles {
  readonly version: 1 | 2;
  readonly cpu: string;
  readonly memory: string;
  readonly memoryStat: string;
}

/** Reads /proc/self/mountinfo (proc(5)). */
export function cgroupMounts(mountinfo: string): CgroupMounts {
  const controllers = new Map<string, Mount>();
  let unified: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    const [type, , options = ''] = (after ?? '').split(' ');
    if (root === undefined || point === undefined) continue;
    if (type === 'cgroup') for (const controller of options.split(',')) controllers.set(controller, { point, root });
    if (type === 'cgroup2') unified = { point, root };
  }
  return { controllers, unified };
}

/**
 * The files of the group that /proc/<pid>/cgroup names; undefined where they are not below a mount. Version 1 goes
 * first: beside it, version 2 counts nothing.
 */
export function cgroupFiles({ controllers, unified }: CgroupMounts, groups: string): CgroupFiles | undefined {
  const paths = new Map<string, string>();
  for (const [, names = '', path = ''] of groups.matchAll(/^\d+:([^:]*):(.*)$/gm))
    for (const name of names.split(',')) paths.set(name, path);
  const cpu = below(controllers.get('cpuacct'), paths.get('cpuacct'));
  const memory = below(controllers.get('memory'), paths.get('memory'));
  if (cpu !== undefined && memory !== undefined)
    return {
      version: 1,
      cpu: `${cpu}/cpuacct.usage`,
      memory: `${memory}/memory.usage_in_bytes`,
      memoryStat: `${memory}/memory.stat`,
    };
  const folder = below(unified, paths.get(''));
  return folder === undefined
    ? undefined
    : {
        version: 2,
        cpu: `${folder}/cpu.stat`,
        memory: `${folder}/memory.current`,
        memoryStat: `${folder}/memory.stat`,
      };
}

/** The file that says how many processes and threads a group has; undefined where it is not below a mount. */
export function processesFile({ controllers, unified }: CgroupMounts, groups: string): string | undefined {
  const own = /^\d+:(?:[^:]*,)?pids(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const folder = below(controllers.get('pids'), own) ?? below(unified, /^0::(.*)$/m.exec(groups)?.[1]);
  return folder === undefined ? undefined : `${folder}/pids.current`;
}

function below(mount: Mount | undefined, path: string | undefined): string | undefined {
  if (mount === undefined || path === undefined) return undefined;
  if (mount.root === '/') return `${mount.point}${path}`;
  return path === mount.root || path.startsWith(`${mount.root}/`)
    ? `${mount.point}${path.slice(mount.root.length)}`
    : undefined;
}

/** The counters that the files' contents give; undefined for contents of another form. */
export function cgroupCounters(
  version: 1 | 2,
  { cpu, memory, memoryStat }: { readonly cpu: string; readonly memory: string; readonly memoryStat: string },
): Counters | undefined {
  const cpuNanoseconds = version === 1 ? Number(cpu.trim() || Number.NaN) : fieldOf(cpu, 'usage_usec') * 1000;
  const idle = fieldOf(memoryStat, version === 1 ? 'total_inactive_file' : 'inactive_file');
  const workingSetBytes = Math.max(0, Number(memory.trim() || Number.NaN) - idle);
  return Number.isNaN(cpuNanoseconds) || Number.isNaN(workingSetBytes)
    ? undefined
    : { cpuNanoseconds, workingSetBytes };
}

/** One of the lines `name value`. */
function fieldOf(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Linux counts CPU time for programs in hundredths of a second, whatever the kernel's own clock. */
const nanosecondsPerTick = 10_000_000;

/** The machine's counters from /proc/stat and /proc/meminfo; undefined for contents of another form. */
export function machineCounters(stat: string, meminfo: string): Counters | undefined {
  const [user, nice, system, , , irq, softirq] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  const busy = [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? Number.NaN), 0);
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? Number.NaN);
  const used = kibibytes('MemTotal') - kibibytes('MemFree') - kibibytes('Inactive\\(file\\)');
  return Number.isNaN(busy) || Number.isNaN(used)
    ? undefined
    : { cpuNanoseconds: busy * nanosecondsPerTick, workingSetBytes: Math.max(0, used) * 1024 };
}
