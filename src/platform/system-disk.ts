/** The disk on Node's file system. */
import { close, fdatasync, fstat, ftruncate, open, read, writev, writevSync } from 'node:fs';
import { mkdir, open as openHandle, readdir, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Disk, DiskError, type DiskFile } from '../base/index.ts';

const codes: Readonly<Record<string, DiskError['code']>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  ENOENT: 'not-found',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
};

function translate(path: string, error: unknown): DiskError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new DiskError(codes[code] ?? 'input-output', path, error);
}

/** Runs one callback-style call of node:fs; the callback forms cost about half of what file handles cost. */
function call<T>(path: string, start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(translate(path, error));
      else resolve(value as T);
    });
  });
}

async function translated<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw translate(path, error);
  }
}

/** The chunks that are left after `written` bytes went out: the kernel may take less than it was given. */
function rest(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = written;
  for (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      left.push(chunk.subarray(skip));
      skip = 0;
    }
  }
  return left;
}

/**
 * A write of at most this many bytes is done in place: a copy into the page cache costs less than a trip to the thread
 * pool.
 */
const inPlaceBytesMax = 64 * 1024;

class SystemFile implements DiskFile {
  readonly #descriptor: number;
  readonly #path: string;

  constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let left = chunks.filter((chunk) => chunk.length > 0);
    let at = position;
    while (left.length > 0) {
      const going = left;
      const written = await this.#writeSome(going, at);
      if (written === 0) throw new DiskError('input-output', this.#path);
      left = rest(left, written);
      at += written;
    }
  }

  async #writeSome(chunks: readonly Uint8Array[], position: number): Promise<number> {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (bytes > inPlaceBytesMax)
      return call<number>(this.#path, (done) => {
        writev(this.#descriptor, chunks, position, done);
      });
    try {
      return writevSync(this.#descriptor, chunks, position);
    } catch (error) {
      throw translate(this.#path, error);
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const target = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const from = filled;
      const count = await call<number>(this.#path, (done) => {
        read(this.#descriptor, target, from, length - from, position + from, done);
      });
      if (count === 0) break;
      filled += count;
    }
    return target.subarray(0, filled);
  }

  async dataSync(): Promise<void> {
    await call(this.#path, (done) => {
      fdatasync(this.#descriptor, done);
    });
  }

  async truncate(length: number): Promise<void> {
    await call(this.#path, (done) => {
      ftruncate(this.#descriptor, length, done);
    });
  }

  async size(): Promise<number> {
    const stats = await call<{ size: number }>(this.#path, (done) => {
      fstat(this.#descriptor, done);
    });
    return stats.size;
  }

  async close(): Promise<void> {
    await call(this.#path, (done) => {
      close(this.#descriptor, done);
    });
  }
}

const flags = { read: 'r', write: 'r+', create: 'w+' } as const;

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const translatedError = translate(folder, error);
    if (translatedError.code === 'not-found') return [];
    throw translatedError;
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await openHandle(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The machine's file system. `create` empties a file that exists; files are readable by their owner only (0600). */
export const systemDisk: Disk = {
  open: async (path, mode) =>
    new SystemFile(
      await call<number>(path, (done) => {
        open(path, flags[mode], 0o600, done);
      }),
      path,
    ),
  list: filesOf,
  rename: (from, to) => translated(from, () => rename(from, to)),
  remove: (path) => translated(path, () => unlink(path)),
  makeFolder: async (path) => {
    await translated(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
    await translated(path, () => syncFolder(dirname(path)));
  },
  syncFolder: (path) => translated(path, () => syncFolder(path)),
};
