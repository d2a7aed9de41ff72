/** Gives a volume to a group (fsGroup), whoever may write to it meanwhile. */
import { constants } from 'node:fs';
import { chmod, chown, type FileHandle, lchown, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pathOf, placeOnly } from './pinned-path.ts';
import { VolumeSetupError } from './volume-files.ts';

/** Each folder on the way down keeps a handle open. */
const foldersDeepMax = 256;
const folderMode = 0o2770;
const fileMode = 0o660;
/** chown(2): the owner stays. */
const sameOwner = -1;

/**
 * Gives the folder and all that is in it to the group, readable and writable. Every step goes from the handle of the
 * folder before: a name that is exchanged for a link meanwhile is seen as that link, and never followed. Rejects with
 * VolumeSetupError when the folders are too deep.
 */
export async function giveToGroup(folder: string, group: number): Promise<void> {
  const root = await open(await realpath(folder), placeOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await giveFolder(root, group, 0);
  } finally {
    await root.close();
  }
}

async function giveFolder(folder: FileHandle, group: number, depth: number): Promise<void> {
  if (depth > foldersDeepMax)
    throw new VolumeSetupError(`fsGroup cannot be applied: the volume is deeper than ${foldersDeepMax} folders`);
  await give(folder, group, folderMode);
  for (const name of await readdir(pathOf(folder))) await giveEntry(folder, name, { group, depth });
}

async function giveEntry(
  folder: FileHandle,
  name: string,
  given: { readonly group: number; readonly depth: number },
): Promise<void> {
  const entry = await openPlace(join(pathOf(folder), name));
  if (entry === undefined) return;
  try {
    const found = await entry.stat();
    if (found.isDirectory()) await giveFolder(entry, given.group, given.depth + 1);
    else if (found.isFile()) await give(entry, given.group, fileMode);
    // A link, a socket or a device changes its group alone; this folder's own entry is changed, never a target.
    else await lchown(join(pathOf(folder), name), sameOwner, given.group).catch(unlessGone);
  } finally {
    await entry.close();
  }
}

async function give(place: FileHandle, group: number, mode: number): Promise<void> {
  await chown(pathOf(place), sameOwner, group);
  await chmod(pathOf(place), ((await place.stat()).mode & 0o7777) | mode);
}

/** Undefined when it went since the folder was listed. */
async function openPlace(path: string): Promise<FileHandle | undefined> {
  return open(path, placeOnly | constants.O_NOFOLLOW).catch(unlessGone);
}

function unlessGone(error: unknown): undefined {
  if ((error as { readonly code?: string | undefined }).code !== 'ENOENT') throw error;
}
