/** How much memory, disk and process numbers the machine has left. */
import { readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Observations, Room } from './pressure.ts';
import type { Signal } from './thresholds.ts';

/** A filesystem: its bytes and its inodes. */
interface DiskRoom {
  /** Equal for two folders on the same filesystem. */
  readonly device: number;
  readonly bytes: Room;
  /** Undefined: it makes them as it needs them. */
  readonly inodes: Room | undefined;
}

/** What cannot be read is undefined. */
export interface MachineRoom {
  memory(): Promise<Room | undefined>;
  processes(): Promise<Room | undefined>;
  /** Of the filesystem that a folder lies on. */
  disk(folder: string): Promise<DiskRoom | undefined>;
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** This machine: the same files with control groups of either version. */
export function kernelRoom(): MachineRoom {
  return {
    memory: async () => memoryRoom(await textOf('/proc/meminfo')),
    processes: async () =>
      processRoom({
        loadavg: await textOf('/proc/loadavg'),
        limits: [await textOf('/proc/sys/kernel/pid_max'), await textOf('/proc/sys/kernel/threads-max')],
      }),
    disk: async (folder) => {
      try {
        const found = await existing(folder);
        const [{ dev }, { blocks, bavail, bsize, files, ffree }] = await Promise.all([stat(found), statfs(found)]);
        return {
          device: dev,
          bytes: { available: bavail * bsize, capacity: blocks * bsize },
          inodes: files === 0 ? undefined : { available: ffree, capacity: files },
        };
      } catch {
        return undefined;
      }
    },
  };
}

/** The folder, or what is there of the way to it. */
export async function existing(folder: string): Promise<string> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  return there || dirname(folder) === folder ? folder : existing(dirname(folder));
}

/** What is free, and file pages that lie idle: the kernel drops them when it needs memory (as cAdvisor counts). */
export function memoryRoom(meminfo: string): Room | undefined {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? Number.NaN) * 1024;
  const capacity = bytes('MemTotal');
  const available = bytes('MemFree') + bytes('Inactive\\(file\\)');
  return Number.isNaN(capacity + available) ? undefined : { available, capacity };
}

/** Threads have numbers of the same range as processes; /proc/loadavg counts both. */
export function processRoom(texts: { readonly loadavg: string; readonly limits: readonly string[] }): Room | undefined {
  const running = Number(/^\S+ \S+ \S+ \d+\/(\d+) /.exec(texts.loadavg)?.[1] ?? Number.NaN);
  const capacity = Math.min(...texts.limits.map((text) => (text.trim() === '' ? Number.NaN : Number(text))));
  return Number.isNaN(running + capacity) ? undefined : { available: capacity - running, capacity };
}

/** The simulated twin: nothing is scarce until a test says so. */
export function simulatedRoom(observations = new Map<Signal, Room>()): MachineRoom {
  const plenty: Room = { available: 80 * 2 ** 30, capacity: 100 * 2 ** 30 };
  const of = (signal: Signal): Room => observations.get(signal) ?? plenty;
  return {
    memory: () => Promise.resolve(of('memory.available')),
    processes: () => Promise.resolve(of('pid.available')),
    disk: () => Promise.resolve({ device: 1, bytes: of('nodefs.available'), inodes: of('nodefs.inodesFree') }),
  };
}

/** What a look at the machine shows. */
export interface Reading {
  readonly observations: Observations;
  /** Images and writable layers lie on a filesystem of their own. */
  readonly separateImages: boolean;
}

/** The signals of eviction. `images` is undefined where the engine does not say it: then they lie with the rest. */
export async function readMachine(
  room: MachineRoom,
  folders: { readonly state: string; readonly images: string | undefined },
): Promise<Reading> {
  const [memory, processes, state, own] = await Promise.all([
    room.memory(),
    room.processes(),
    room.disk(folders.state),
    folders.images === undefined ? undefined : room.disk(folders.images),
  ]);
  const images = own ?? state;
  const found: readonly (readonly [Signal, Room | undefined])[] = [
    ['memory.available', memory],
    ['nodefs.available', state?.bytes],
    ['nodefs.inodesFree', state?.inodes],
    ['imagefs.available', images?.bytes],
    ['imagefs.inodesFree', images?.inodes],
    ['pid.available', processes],
  ];
  const observations = new Map(found.flatMap(([signal, one]) => (one === undefined ? [] : [[signal, one] as const])));
  return { observations, separateImages: images?.device !== state?.device };
}
