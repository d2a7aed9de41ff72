/** Volume files on the machine's disk. */
import { constants } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { errorMessage } from '../../base/index.ts';
import { CommandError, type RunCommand } from '../network/index.ts';
import { localFolder, optionArguments } from './local-folder.ts';
import { withPinnedPath } from './pinned-path.ts';
import { type Ownership, type ProjectedFile, type VolumeFiles, VolumeSetupError } from './volume-files.ts';
import { giveToGroup } from './volume-group.ts';

/** The machine's file system. `run` calls mount and umount. */
export function diskVolumeFiles(run: RunCommand): VolumeFiles {
  let projections = 0;
  return {
    makeFolder: async (path, options = {}) => {
      await mkdir(path, { recursive: true });
      if (options.group !== undefined) await chown(path, 0, options.group);
      if (options.mode !== undefined) await chmod(path, options.mode);
    },
    project: (folder, files, owner) => {
      projections += 1;
      return project(folder, files, { owner, serial: projections });
    },
    write: async (path, text, mode) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { mode });
      await chmod(path, mode);
    },
    readTail,
    hostPath: checkHostPath,
    localFolder: async (path, at, { fsType, mountOptions }) => {
      const isMounted = (await mountsOf((mounted) => mounted === at)).length > 0;
      return localFolder(run, path, { at, fsType, mountOptions, isMounted });
    },
    pinSubPath: (place, at) => pinSubPath(run, place, at),
    giveToGroup,
    mountMemory: async (folder, sizeBytes) => {
      await mkdir(folder, { recursive: true });
      await run('mount', [
        '-t',
        'tmpfs',
        '-o',
        sizeBytes === undefined ? 'mode=1777' : `mode=1777,size=${sizeBytes}`,
        'tmpfs',
        folder,
      ]);
    },
    mount: async (source, folder, { type, readOnly, mountOptions = [] }) => {
      await mkdir(folder, { recursive: true });
      if ((await mountsOf((mounted) => mounted === folder)).length > 0) return;
      const options = optionArguments([...(readOnly ? ['ro'] : []), ...mountOptions]);
      await run('mount', ['-t', type, ...options, '--', source, folder]).catch((error: unknown) => {
        throw error instanceof CommandError ? new VolumeSetupError(error.message, { cause: error }) : error;
      });
    },
    remove: async (folder) => {
      await removeFolder(run, folder);
    },
    list: async (folder) => {
      try {
        return await readdir(folder);
      } catch {
        return [];
      }
    },
  };
}

const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT';

async function readTail(path: string, bytesMax: number): Promise<string | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytesMax);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

async function unchanged(folder: string, files: ReadonlyMap<string, ProjectedFile>): Promise<boolean> {
  try {
    const data = join(folder, await readlink(join(folder, '..data')));
    const found = (await readdir(data, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(data, join(entry.parentPath, entry.name)));
    if (found.length !== files.size) return false;
    for (const [path, file] of files) {
      const there = await readFile(join(data, path));
      if (!there.equals(file.data) || ((await stat(join(data, path))).mode & 0o777) !== (file.mode & 0o777))
        return false;
    }
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The group reads the folders too, and owns what is made in them (fsGroup). */
async function giveFolders(folder: string, data: string, group: number): Promise<void> {
  const inside = (await readdir(data, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const each of [folder, data, ...inside]) {
    await chown(each, 0, group);
    await chmod(each, ((await stat(each)).mode & 0o777) | 0o2550);
  }
}

async function project(
  folder: string,
  files: ReadonlyMap<string, ProjectedFile>,
  options: { readonly owner: Ownership; readonly serial: number },
): Promise<void> {
  if (await unchanged(folder, files)) return;
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  const name = `..${new Date().toISOString().slice(0, 19).replace(/[-:T]/g, '_')}.${process.pid}${options.serial}`;
  const { owner } = options;
  const made = new Set<string>();
  for (const [path, file] of files) {
    const target = join(folder, name, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, file.data, { mode: 0o600 });
    await chown(target, file.user ?? owner.user ?? 0, owner.group ?? 0);
    await chmod(target, file.mode);
    made.add(path.split('/')[0] ?? '');
  }
  await mkdir(join(folder, name), { recursive: true });
  if (owner.group !== undefined) await giveFolders(folder, join(folder, name), owner.group);
  const old = await readlink(join(folder, '..data')).catch(() => undefined);
  await symlink(name, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const top of made) await link(join('..data', top), join(folder, top));
  for (const entry of await readdir(folder))
    if (!entry.startsWith('..') && !made.has(entry)) await rm(join(folder, entry), { recursive: true, force: true });
  if (old !== undefined) await rm(join(folder, old), { recursive: true, force: true });
}

async function link(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

const checks: Readonly<Record<string, { readonly is: (mode: number) => boolean; readonly name: string }>> = {
  Directory: { is: (mode) => (mode & constants.S_IFMT) === constants.S_IFDIR, name: 'directory' },
  File: { is: (mode) => (mode & constants.S_IFMT) === constants.S_IFREG, name: 'file' },
  Socket: { is: (mode) => (mode & constants.S_IFMT) === constants.S_IFSOCK, name: 'socket' },
  CharDevice: { is: (mode) => (mode & constants.S_IFMT) === constants.S_IFCHR, name: 'character device' },
  BlockDevice: { is: (mode) => (mode & constants.S_IFMT) === constants.S_IFBLK, name: 'block device' },
};

async function checkHostPath(path: string, type: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    // Without a type nothing is checked; the engine's bind needs something there, so a folder is made as Docker always
    // did.
    if (type === '' || type === 'DirectoryOrCreate') {
      await mkdir(path, { recursive: true, mode: 0o755 }).catch(notMade);
      return;
    }
    if (type === 'FileOrCreate') {
      await writeFile(path, '', { mode: 0o644 }).catch(notMade);
      return;
    }
  }
  const check = checks[type.replace('OrCreate', '')];
  if (check !== undefined && (found === undefined || !check.is(found.mode)))
    throw new VolumeSetupError(`hostPath type check failed: ${path} is not a ${check.name}`);
}

function notMade(error: unknown): never {
  throw new VolumeSetupError(errorMessage(error), { cause: error });
}

/** Binds the place itself: `mount` must not look up where the path leads. */
async function pinSubPath(
  run: RunCommand,
  { folder, inside }: { readonly folder: string; readonly inside: string },
  at: string,
): Promise<void> {
  await withPinnedPath(folder, inside, async (path, kind) => {
    for (const old of await mountsOf((mounted) => mounted === at)) await run('umount', ['-l', old]);
    await rm(at, { recursive: true, force: true });
    await mkdir(kind === 'folder' ? at : dirname(at), { recursive: true });
    if (kind === 'file') await writeFile(at, '');
    await run('mount', ['--no-canonicalize', '--bind', path, at]);
  });
}

async function removeFolder(run: RunCommand, folder: string): Promise<void> {
  const below = (mounted: string): boolean => mounted.startsWith(folder + sep);
  for (const path of (await mountsOf(below)).toReversed()) await run('umount', ['-l', path]).catch(() => undefined);
  const [mounted] = await mountsOf(below);
  // What is still mounted would be emptied.
  if (mounted !== undefined) throw new Error(`${mounted} cannot be unmounted, so ${folder} stays`);
  await rm(folder, { recursive: true, force: true });
}

/** Where something is mounted, in the order of mounting (proc(5), spaces are escaped). */
async function mountsOf(chosen: (path: string) => boolean): Promise<readonly string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  return mounts
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter(chosen);
}
