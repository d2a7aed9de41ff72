/** The simulated disk: it forgets what was not synced, as real ones do. */
import { type Disk, DiskError, type DiskFile, type Random, seededRandom, type Timers } from '../base/index.ts';
import { SimulatedContent, type WriteFault } from './simulated-file.ts';

interface SimulatedDiskOptions {
  /** Decides what a crash tears; seed 1 by default. */
  readonly random?: Random | undefined;
  /** With `syncMs`, each sync takes that long on these timers. */
  readonly timers?: Timers | undefined;
  readonly syncMs?: number | undefined;
  /** Bytes that all files may hold together; unlimited by default. */
  readonly capacityBytes?: number | undefined;
}

type NameChange =
  | { readonly type: 'link'; readonly path: string; readonly content: SimulatedContent }
  | { readonly type: 'unlink'; readonly path: string };

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** A call that a crash cut off: its process is gone, so it never returns. */
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

function applyNames(names: Map<string, SimulatedContent>, changes: readonly NameChange[]): void {
  for (const change of changes) {
    if (change.type === 'link') names.set(change.path, change.content);
    else names.delete(change.path);
  }
}

/**
 * A disk in memory that is as treacherous as a real one: what was not synced is lost or torn sector by sector at
 * `crash`, names changed since the last `syncFolder` fall back, space runs out, and on request syncs, names and writes
 * fail, or seem to succeed.
 */
export class SimulatedDisk implements Disk {
  capacityBytes: number;
  readonly #random: Random;
  readonly #timers: Timers | undefined;
  /** How long a sync takes from now on, in ms. */
  syncMs: number;
  readonly #names = new Map<string, SimulatedContent>();
  readonly #durableNames = new Map<string, SimulatedContent>();
  /** Name changes since the folder's last sync; a rename is one group, which survives whole or not at all. */
  readonly #pendingNames = new Map<string, (readonly NameChange[])[]>();
  #failingSyncs = 0;
  #failingNames:
    | { readonly change: 'rename' | 'remove'; readonly count: number; readonly struck: () => void }
    | undefined;
  #writeFault:
    | { readonly type: WriteFault; readonly path: (path: string) => boolean; readonly struck: () => void }
    | undefined;
  #life = 0;
  /** Completed data syncs. */
  syncs = 0;

  constructor(options: SimulatedDiskOptions = {}) {
    this.#random = options.random ?? seededRandom(1);
    this.#timers = options.timers;
    this.syncMs = options.syncMs ?? 0;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** The files of a folder by path, in order, and their bytes: as they are at this moment, for who breaks them. */
  files(folder: string): ReadonlyMap<string, number> {
    const found = [...this.#names].filter(([path]) => folderOf(path) === folder);
    return new Map(found.sort(([one], [two]) => (one < two ? -1 : 1)).map(([path, content]) => [path, content.length]));
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const content of this.#names.values()) bytes += content.length;
    return bytes;
  }

  /**
   * The machine stops: open files are gone, calls under way never return, unsynced bytes and names are lost or torn by
   * the seed.
   */
  crash(): void {
    this.#life += 1;
    for (const groups of this.#pendingNames.values()) {
      const kept = this.#random.below(groups.length + 1);
      // File systems promise no order: a rename may be lost although what came after it is not.
      const lost = this.#random.below(2) === 0 ? groups.slice(0, kept).findLast(({ length }) => length > 1) : undefined;
      for (const group of groups.slice(0, kept)) if (group !== lost) applyNames(this.#durableNames, group);
    }
    this.#pendingNames.clear();
    this.#names.clear();
    for (const [path, content] of this.#durableNames) this.#names.set(path, content);
    for (const content of new Set(this.#names.values())) content.crash(this.#random);
  }

  /**
   * The disk as one life of a process sees it: after the next crash its calls never return, so a dead process changes
   * nothing.
   */
  mount(): Disk {
    const life = this.#life;
    const alive = <T>(call: () => Promise<T>): Promise<T> => (life === this.#life ? call() : never<T>());
    return {
      open: (path, mode) => alive(() => this.open(path, mode)),
      list: (folder) => alive(() => this.list(folder)),
      rename: (from, to) => alive(() => this.rename(from, to)),
      remove: (path) => alive(() => this.remove(path)),
      makeFolder: () => alive(() => this.makeFolder()),
      syncFolder: (path) => alive(() => this.syncFolder(path)),
    };
  }

  /** The next `count` data syncs fail with `input-output`; what they were to make durable never is. */
  failSyncs(count: number): void {
    this.#failingSyncs = count;
  }

  /** The next `count` renames, or removals, fail with `input-output`. */
  failNames(change: 'rename' | 'remove', count: number, struck: () => void = () => undefined): void {
    this.#failingNames = count === 0 ? undefined : { change, count, struck };
  }

  /** The device confirms the next write to such a file and does not do it, or does it in another place of the file. */
  failWrite(type: WriteFault, path: (path: string) => boolean, struck: () => void = () => undefined): void {
    this.#writeFault = { type, path, struck };
  }

  /** A sync or a name is still to fail. */
  get willFail(): boolean {
    return this.#failingSyncs > 0 || this.#failingNames !== undefined;
  }

  /** Ends what was asked of it and has not come to pass: syncs, names and writes succeed again. */
  heal(): void {
    this.#failingSyncs = 0;
    this.#failingNames = undefined;
    this.#writeFault = undefined;
  }

  /** The sector at this position cannot be read until it is written again. */
  spoil(path: string, position: number): void {
    this.#find(path).spoil(position);
  }

  /** Flips the bits of one durable byte: rot. */
  corrupt(path: string, position: number): void {
    const content = this.#find(path);
    const byte = content.read(position, 1)[0] ?? 0;
    content.write(position, Uint8Array.of(byte ^ 0xff));
    content.sync();
  }

  /** Durable bytes read as zeros from now on: the device forgot that it wrote them. */
  forget(path: string, position: number, length: number): void {
    const content = this.#find(path);
    content.write(position, new Uint8Array(length));
    content.sync();
  }

  /** A file is gone, for good. */
  lose(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  open(path: string, mode: 'read' | 'write' | 'create'): Promise<DiskFile> {
    return this.#later(() => {
      const existing = this.#names.get(path);
      if (mode !== 'create') return this.#handle(this.#find(path), path);
      if (existing !== undefined) {
        existing.truncate(0);
        return this.#handle(existing, path);
      }
      const content = new SimulatedContent();
      this.#change([{ type: 'link', path, content }]);
      return this.#handle(content, path);
    });
  }

  list(folder: string): Promise<readonly string[]> {
    const names = [...this.#names.keys()].filter((path) => folderOf(path) === folder);
    return Promise.resolve(names.map((path) => path.slice(folder.length + 1)).sort());
  }

  rename(from: string, to: string): Promise<void> {
    return this.#later(() => {
      const content = this.#find(from);
      this.#failName('rename', from);
      this.#change([
        { type: 'unlink', path: from },
        { type: 'link', path: to, content },
      ]);
    });
  }

  remove(path: string): Promise<void> {
    return this.#later(() => {
      this.#find(path);
      this.#failName('remove', path);
      this.#change([{ type: 'unlink', path }]);
    });
  }

  makeFolder(): Promise<void> {
    return Promise.resolve();
  }

  syncFolder(path: string): Promise<void> {
    for (const group of this.#pendingNames.get(path) ?? []) applyNames(this.#durableNames, group);
    this.#pendingNames.delete(path);
    return Promise.resolve();
  }

  /** Lets others run first, and never returns when a crash came meanwhile. */
  async #later<T>(run: () => T): Promise<T> {
    const life = this.#life;
    await Promise.resolve();
    return life === this.#life ? run() : never<T>();
  }

  #failName(change: 'rename' | 'remove', path: string): void {
    const failing = this.#failingNames;
    if (failing?.change !== change) return;
    this.failNames(change, failing.count - 1, failing.struck);
    failing.struck();
    throw new DiskError('input-output', path);
  }

  #find(path: string): SimulatedContent {
    const content = this.#names.get(path);
    if (content === undefined) throw new DiskError('not-found', path);
    return content;
  }

  #change(group: readonly NameChange[]): void {
    applyNames(this.#names, group);
    const folder = folderOf(group[0]?.path ?? '');
    this.#pendingNames.set(folder, [...(this.#pendingNames.get(folder) ?? []), group]);
  }

  #handle(content: SimulatedContent, path: string): DiskFile {
    const life = this.#life;
    let broken = false;
    const guarded = async <T>(run: () => T): Promise<T> => {
      await Promise.resolve();
      if (life !== this.#life) return never();
      if (broken) throw new DiskError('input-output', path);
      return run();
    };
    return {
      write: (chunks, position) =>
        guarded(() => {
          this.#write(content, path, { chunks, position });
        }),
      read: (position, length) =>
        guarded(() => {
          if (content.isUnreadable(position, length)) throw new DiskError('input-output', path);
          return content.read(position, length);
        }),
      truncate: (length) =>
        guarded(() => {
          content.truncate(length);
        }),
      size: () => guarded(() => content.length),
      close: () => guarded(() => undefined),
      dataSync: async () => {
        await guarded(() => undefined);
        await this.#pause();
        await guarded(() => {
          broken = this.#failingSyncs > 0;
          if (!broken) return;
          this.#failingSyncs -= 1;
          content.failSync();
        });
        await guarded(() => {
          content.sync();
        });
        this.syncs += 1;
      },
    };
  }

  #pause(): Promise<void> {
    const timers = this.#timers;
    if (timers === undefined || this.syncMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      timers.after(this.syncMs, resolve);
    });
  }

  #write(
    content: SimulatedContent,
    path: string,
    write: { readonly chunks: readonly Uint8Array[]; readonly position: number },
  ): void {
    let position = write.position;
    const fault = this.#writeFault?.path(path) === true ? this.#writeFault : undefined;
    if (fault !== undefined) {
      this.#writeFault = undefined;
      fault.struck();
    }
    const elsewhere = fault === undefined ? 0 : this.#random.below(Math.max(1, content.length)) - write.position;
    for (const chunk of write.chunks) {
      const fits = this.#fitting(content, position, chunk);
      const faulty = fault && { type: fault.type, elsewhere: position + elsewhere };
      content.write(position, chunk.subarray(0, fits), faulty);
      // As on Linux, what fits is written and the rest fails.
      if (fits < chunk.length) throw new DiskError('full', path);
      position += chunk.length;
    }
  }

  /** How many of these bytes the disk has room for. */
  #fitting(content: SimulatedContent, position: number, chunk: Uint8Array): number {
    const growth = position + chunk.length - content.length;
    if (growth <= 0 || this.capacityBytes === Number.POSITIVE_INFINITY) return chunk.length;
    const room = Math.max(0, this.capacityBytes - this.usedBytes);
    return growth <= room ? chunk.length : Math.max(0, chunk.length - growth + room);
  }
}
