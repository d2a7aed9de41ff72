/** The ports of a simulated process: drifting time, a disk with weather, and death. */
import { type Clock, type Disk, type DiskFile, type Random, type Timer, type Timers } from '../../src/base/index.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A call of a process that is gone: it never returns. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** What a process's ports ask about it. One life is one process. */
export interface Life {
  readonly alive: boolean;
  /** Runs `call` in this process: at once, when it is resumed, or never. */
  enter(call: () => void, isTimer?: boolean): void;
  /** A disk operation begins or ends, or has removed a file: the process may die here. */
  atDisk(path: string, removed?: boolean): void;
}

/**
 * Clock and timers of one process: they drift against the world, the wall clock jumps, and they stop with the process.
 */
export class MemberTime implements Clock, Timers {
  readonly #world: VirtualTime;
  readonly #life: Life;
  readonly #rate: number;
  readonly #wallOffsetMs: () => number;

  constructor(world: VirtualTime, life: Life, clock: { readonly rate: number; readonly wallOffsetMs: () => number }) {
    this.#world = world;
    this.#life = life;
    this.#rate = clock.rate;
    this.#wallOffsetMs = clock.wallOffsetMs;
  }

  now(): number {
    return Math.floor(this.#world.now() + this.#world.monotonic() * (this.#rate - 1) + this.#wallOffsetMs());
  }

  monotonic(): number {
    return this.#world.monotonic() * this.#rate;
  }

  after(delayMs: number, call: () => void): Timer {
    return this.#world.after(delayMs / this.#rate, () => {
      this.#life.enter(call, true);
    });
  }

  every(periodMs: number, call: () => void): Timer {
    return this.#world.every(periodMs / this.#rate, () => {
      this.#life.enter(call, true);
    });
  }
}

/** How often a hung disk is looked at again, in virtual ms. */
const hungLookMs = 20;

/** How slow a disk is at the moment; the nemesis changes it. */
export interface DiskWeather {
  readonly latencyMs: number;
  syncMs: number;
  /** It answers nothing before this moment, in virtual ms. */
  hungUntil: number;
}

/** The last synced write of each file: rot before it cannot be taken for a torn write. */
export type SyncedWrites = Map<string, { readonly position: number; readonly length: number }>;

/** A file that is open keeps its place when it is renamed. */
interface OpenFile {
  path: string;
  /** Of the writes since the last sync the furthest. */
  written: { readonly position: number; readonly length: number };
}

/** Long pieces of work on the disk that are under way. */
export type DiskWork = Set<'snapshot' | 'turnover'>;

const workOf = (path: string): 'snapshot' | 'turnover' => (path.includes('/snapshots') ? 'snapshot' : 'turnover');

/** The disk as one process sees it: slow, and a place to die at, before and after each operation. */
export class MemberDisk implements Disk {
  readonly #disk: Disk;
  readonly #world: VirtualTime;
  readonly #life: Life;
  readonly #random: Random;
  readonly #weather: DiskWeather;
  readonly #synced: SyncedWrites;
  readonly #writing: DiskWork;
  /** Open files, by their present path. */
  readonly #open = new Map<string, OpenFile>();

  constructor(
    disk: Disk,
    options: {
      readonly world: VirtualTime;
      readonly life: Life;
      readonly random: Random;
      readonly weather: DiskWeather;
      readonly synced: SyncedWrites;
      readonly writing: DiskWork;
    },
  ) {
    this.#disk = disk;
    this.#world = options.world;
    this.#life = options.life;
    this.#random = options.random;
    this.#weather = options.weather;
    this.#synced = options.synced;
    this.#writing = options.writing;
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<DiskFile> {
    if (mode === 'create') this.#writing.add(workOf(path));
    const file = await this.#step(path, () => this.#disk.open(path, mode));
    const written = (mode === 'create' ? undefined : this.#synced.get(path)) ?? { position: 0, length: 0 };
    const place = { path, written };
    this.#open.set(path, place);
    return this.#wrap(file, place);
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#step(folder, () => this.#disk.list(folder));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#writing.add(workOf(from));
    await this.#step(to, () => this.#disk.rename(from, to));
    this.#synced.delete(from);
    this.#synced.delete(to);
    const place = this.#open.get(from);
    if (place === undefined) return;
    this.#open.delete(from);
    this.#open.set(to, place);
    Object.assign(place, { path: to, written: { position: 0, length: 0 } });
  }

  async remove(path: string): Promise<void> {
    this.#synced.delete(path);
    if (workOf(path) === 'snapshot') this.#writing.add('snapshot');
    await this.#step(path, () => this.#disk.remove(path));
    this.#life.atDisk(path, true);
    if (path.endsWith('.tmp')) this.#writing.delete(workOf(path));
  }

  makeFolder(path: string): Promise<void> {
    return this.#step(path, () => this.#disk.makeFolder(path));
  }

  async syncFolder(path: string): Promise<void> {
    await this.#step(path, () => this.#disk.syncFolder(path), this.#weather.syncMs);
    this.#writing.delete(workOf(path));
  }

  async #step<T>(path: string, run: () => Promise<T>, extraMs = 0): Promise<T> {
    this.#life.atDisk(path);
    if (!this.#life.alive) return never();
    const waitMs = this.#random.fraction() * (this.#weather.latencyMs + extraMs);
    if (waitMs > 0) await this.#pass(waitMs);
    while (this.#weather.hungUntil > this.#world.monotonic()) await this.#pass(hungLookMs);
    let outcome: { readonly value: T } | { readonly error: unknown };
    try {
      outcome = { value: await run() };
    } catch (error) {
      outcome = { error };
    }
    this.#life.atDisk(path);
    await new Promise<void>((resolve) => {
      this.#life.enter(resolve);
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  #pass(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.after(waitMs, () => {
        this.#life.enter(resolve);
      });
    });
  }

  #wrap(file: DiskFile, place: OpenFile): DiskFile {
    return {
      write: async (chunks, position) => {
        await this.#step(place.path, () => file.write(chunks, position));
        if (position < place.written.position) return;
        place.written = { position, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
      },
      read: (position, length) => this.#step(place.path, () => file.read(position, length)),
      truncate: (length) => this.#step(place.path, () => file.truncate(length)),
      size: () => this.#step(place.path, () => file.size()),
      close: () => this.#step(place.path, () => file.close()),
      dataSync: async () => {
        const { path, written } = place;
        await this.#step(place.path, () => file.dataSync(), this.#weather.syncMs);
        this.#synced.set(path, written);
        // A log segment that is laid out waits under another name until it is needed.
        if (path.endsWith('.tmp') && workOf(path) === 'turnover') this.#writing.delete('turnover');
      },
    };
  }
}
