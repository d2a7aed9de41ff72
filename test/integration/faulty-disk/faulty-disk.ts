/** A member's disk that lies when it is told to: faulty-disk.c stands between the member's process and its files. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../src/base/index.ts';

const source = join(import.meta.dirname, 'faulty-disk.c');
const sectorBytes = 512;
/** What faulty-disk.c writes for a range that is a change of the file's length, and for one that is over. */
const [truncated, synced] = [-1, -2];

/** The numbers of the page, in the order of faulty-disk.c. The first five are orders, the others counts. */
const numbers = [
  'failSyncs',
  'hangSyncs',
  'spaceLeft',
  'flipReads',
  'flipAt',
  'syncs',
  'failed',
  'hanging',
  'refused',
  'shortened',
  'flipped',
  'unsynced',
] as const;
type Name = (typeof numbers)[number];

/** What a power loss took. */
export interface Loss {
  /** Bytes that it could have taken. */
  readonly atRisk: number;
  /** Bytes that the process had written and that the disk does not hold. */
  readonly bytes: number;
  /** Files that are there again, are gone, or have another length. */
  readonly files: number;
}

/** Each sector with a chance from 0 to 1. */
export interface WriteBack {
  readonly random: Random;
  readonly share: number;
}

/** The library, compiled into a folder; undefined, with the reason, where that is not possible. */
export function compileFaultyDisk(folder: string): { readonly library: string } | { readonly reason: string } {
  if (process.platform !== 'linux') return { reason: 'a lying disk needs Linux' };
  const library = join(folder, 'faulty-disk.so');
  const flags = ['-O2', '-Wall', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread'];
  const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) return { reason: 'a lying disk needs a C compiler, and there is none (gcc or clang)' };
  const { status, stderr } = spawnSync(compiler, flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compiler} does not compile ${source}:\n${stderr}`);
  return { library };
}

/** The disk under one folder, which must be empty at first. */
export class FaultyDisk {
  readonly #root: string;
  readonly #platter: string;
  readonly #page: number;
  /** NAME=value, for the process. */
  readonly environment: readonly string[];

  constructor({
    library,
    root,
    platter,
  }: {
    readonly library: string;
    readonly root: string;
    readonly platter: string;
  }) {
    this.#root = root;
    this.#platter = platter;
    for (const area of ['volatile', 'durable', 'dirty']) mkdirSync(join(platter, area), { recursive: true });
    const page = join(platter, 'page');
    writeFileSync(page, Buffer.alloc(4096));
    this.#page = openSync(page, 'r+');
    this.order('spaceLeft', -1);
    this.environment = [
      `LD_PRELOAD=${library}`,
      `FAULTY_ROOT=${root}`,
      `FAULTY_PLATTER=${platter}`,
      `FAULTY_CONTROL=${page}`,
    ];
  }

  order(name: 'failSyncs' | 'hangSyncs' | 'spaceLeft' | 'flipReads' | 'flipAt', value: number): void {
    this.#write(name, value);
  }

  count(name: Name): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#page, bytes, 0, 8, numbers.indexOf(name) * 8);
    return Number(bytes.readBigInt64LE());
  }

  /** The power fails; the process has ended. `writtenBack`: what reached the disk without a sync; else nothing did. */
  losePower(writtenBack?: WriteBack): Loss {
    const durable = join(this.#platter, 'durable');
    const atRisk = difference(this.#root, durable).bytes;
    if (writtenBack !== undefined) this.#writeBack(writtenBack);
    const loss = { atRisk, ...difference(this.#root, durable) };
    for (const name of readdirSync(this.#root)) rmSync(join(this.#root, name), { recursive: true });
    for (const area of ['volatile', 'dirty']) {
      rmSync(join(this.#platter, area), { recursive: true });
      mkdirSync(join(this.#platter, area));
    }
    for (const folder of foldersBelow(durable)) {
      mkdirSync(join(this.#root, folder), { mode: 0o700 });
      mkdirSync(join(this.#platter, 'volatile', folder));
    }
    for (const path of filesBelow(durable)) {
      linkSync(join(durable, path), join(this.#platter, 'volatile', path));
      cpSync(join(durable, path), join(this.#root, path));
    }
    this.#write('unsynced', 0);
    return loss;
  }

  close(): void {
    closeSync(this.#page);
  }

  /** Sectors that the kernel wrote by itself, unasked: each with this chance; and the names of some folders. */
  #writeBack({ random, share }: WriteBack): void {
    for (const path of filesBelow(join(this.#platter, 'volatile'))) this.#writeBackFile(path, random, share);
    for (const folder of ['', ...foldersBelow(join(this.#platter, 'volatile'))])
      if (random.fraction() < share) this.#syncNames(folder);
  }

  #write(name: Name, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.#page, bytes, 0, 8, numbers.indexOf(name) * 8);
  }

  #writeBackFile(path: string, random: Random, share: number): void {
    const [live, platter] = [join(this.#root, path), join(this.#platter, 'volatile', path)];
    const ranges = this.#dirtyRanges(platter);
    if (ranges.length === 0 || !existsSync(live)) return;
    const bytes = readFileSync(live);
    const target = openSync(platter, 'r+');
    for (const { at, length } of ranges) {
      for (let from = at; from < at + length; from += sectorBytes - (from % sectorBytes)) {
        const to = Math.min(at + length, from + sectorBytes - (from % sectorBytes), bytes.length);
        if (to > from && random.fraction() < share) writeSync(target, bytes, from, to - from, from);
      }
    }
    closeSync(target);
  }

  #dirtyRanges(platter: string): readonly { readonly at: number; readonly length: number }[] {
    const path = join(this.#platter, 'dirty', String(statSync(platter).ino));
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const ranges: { at: number; length: number }[] = [];
    for (let i = 0; i + 16 <= bytes.length; i += 16) {
      const [at, length] = [Number(bytes.readBigInt64LE(i)), Number(bytes.readBigInt64LE(i + 8))];
      if (length === synced) ranges.splice(0, at);
      else ranges.push({ at, length });
    }
    return ranges.filter(({ length }) => length !== truncated);
  }

  #syncNames(folder: string): void {
    const [now, durable] = ['volatile', 'durable'].map((area) => join(this.#platter, area, folder)) as [string, string];
    for (const name of filesIn(durable)) rmSync(join(durable, name));
    for (const name of filesIn(now)) linkSync(join(now, name), join(durable, name));
  }
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

const below = (folder: string): readonly { readonly path: string; readonly isFile: boolean }[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name).slice(folder.length + 1),
    isFile: entry.isFile(),
  }));
const filesBelow = (folder: string): readonly string[] =>
  below(folder).flatMap(({ path, isFile }) => (isFile ? [path] : []));
/** Each after the one that it is in. */
const foldersBelow = (folder: string): readonly string[] =>
  below(folder)
    .flatMap(({ path, isFile }) => (isFile ? [] : [path]))
    .sort();

/** What one tree has that the other has not. */
function difference(live: string, durable: string): Omit<Loss, 'atRisk'> {
  const [now, then] = [new Set(filesBelow(live)), new Set(filesBelow(durable))];
  let [bytes, files] = [0, 0];
  for (const path of new Set([...now, ...then])) {
    const [one, other] = [
      now.has(path) ? readFileSync(join(live, path)) : Buffer.alloc(0),
      then.has(path) ? readFileSync(join(durable, path)) : Buffer.alloc(0),
    ];
    if (now.has(path) !== then.has(path) || one.length !== other.length) files += 1;
    for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) bytes += 1;
  }
  return { bytes, files };
}
