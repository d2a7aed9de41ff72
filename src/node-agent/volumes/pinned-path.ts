/** Opens a path inside of a volume so that nobody can redirect it. */
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { VolumeSetupError } from './volume-files.ts';

/** open(2): a handle of the place alone, which even a link has; not among Node's constants. */
export const placeOnly = 0o10000000;

/**
 * Opens `inside` below `folder`, made as a folder when absent, and calls `use` with a path that means this very place
 * whatever is renamed or linked meanwhile: those who may write to the volume could otherwise exchange a folder for a
 * link between the check and the mount (CVE-2017-1002101, CVE-2021-25741). Rejects with VolumeSetupError when it leads
 * outside.
 */
export async function withPinnedPath(
  folder: string,
  inside: string,
  use: (path: string, kind: 'folder' | 'file') => Promise<void>,
): Promise<void> {
  const root = await realpath(folder);
  const wanted = join(root, inside);
  if (!within(root, wanted)) throw new VolumeSetupError(`subPath "${inside}" is outside of the volume`);
  const existing = await existingPart(wanted);
  if (!within(root, existing.real)) throw new VolumeSetupError(`subPath "${inside}" leads outside of the volume`);
  let place = await open(root, placeOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const mode = (await place.stat()).mode & 0o7777;
    const steps = [
      ...namesOf(relative(root, existing.real)).map((name) => ({ name, make: false })),
      ...namesOf(existing.rest).map((name) => ({ name, make: true })),
    ];
    for (const { name, make } of steps) {
      const next = await step(place, name, make ? mode : undefined);
      await place.close();
      place = next;
    }
    await use(pathOf(place), (await place.stat()).isDirectory() ? 'folder' : 'file');
  } finally {
    await place.close();
  }
}

const within = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
const namesOf = (path: string): readonly string[] => path.split(sep).filter((name) => name !== '');
/** Other processes see the place under this name too. */
export const pathOf = ({ fd }: FileHandle): string => `/proc/${process.pid}/fd/${fd}`;

/** The part of a path that is there, without links, and the names that are not. */
async function existingPart(wanted: string): Promise<{ readonly real: string; readonly rest: string }> {
  for (let existing = wanted; ; existing = dirname(existing)) {
    const real = await realpath(existing).catch(() => undefined);
    if (real !== undefined) return { real, rest: relative(existing, wanted) };
  }
}

/** One name further, made with `mode` when that is given; a link is never followed. */
async function step(place: FileHandle, name: string, mode: number | undefined): Promise<FileHandle> {
  const path = join(pathOf(place), name);
  if (mode !== undefined) {
    await mkdir(path, 0o750).catch((error: unknown) => {
      if ((error as { readonly code?: string | undefined }).code !== 'EEXIST') throw error;
    });
  }
  const next = await open(path, placeOnly | constants.O_NOFOLLOW);
  try {
    if ((await next.stat()).isSymbolicLink())
      throw new VolumeSetupError(`"${name}" became a link while the subPath was looked for`);
    if (mode !== undefined) await chmod(pathOf(next), mode);
    return next;
  } catch (error) {
    await next.close();
    throw error;
  }
}
