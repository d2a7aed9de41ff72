/** /logs/: the machine's log folder, to read only. */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Something below the log folder. `content` has to be read to its end, or closed. */
export type NodeLog =
  | { readonly type: 'folder'; readonly names: readonly string[] }
  | { readonly type: 'file'; readonly content: AsyncIterable<Uint8Array> };

const namesMax = 10_000;

/**
 * What `path` (relative, without the slash) leads to; undefined where there is nothing to read. Pods may write into the
 * folder: what is opened is asked where it lies, so that no link leads out of the folder, whenever it is exchanged.
 */
export async function readNodeLog(folder: string, path: string): Promise<NodeLog | undefined> {
  let handle: FileHandle | undefined;
  try {
    const root = await realpath(folder);
    // A pipe must not hold the agent.
    handle = await open(join(root, path), constants.O_RDONLY | constants.O_NONBLOCK);
    const place = `/proc/self/fd/${handle.fd}`;
    const real = await readlink(place);
    const stats = real === root || real.startsWith(`${root}/`) ? await handle.stat() : undefined;
    if (stats?.isFile() === true) {
      const content = fileContent(handle);
      handle = undefined;
      return { type: 'file', content };
    }
    if (stats?.isDirectory() !== true) return undefined;
    const found = await readdir(place, { withFileTypes: true });
    const names = found.slice(0, namesMax).map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    return { type: 'folder', names: names.sort() };
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

const chunkBytes = 64 * 1024;

async function* fileContent(handle: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
