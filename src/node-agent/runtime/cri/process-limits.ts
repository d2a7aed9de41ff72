/**
 * Limits how many processes a container has where CRI has no word for it: with cgroups of version 1. Where systemd
 * makes those, which it no longer does, there is no limit.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Below it are the containers, where a cgroup's place is its path. */
export const cgroupParent = '/troupe';

const cgroupRoot = '/sys/fs/cgroup';
const pidsRoot = join(cgroupRoot, 'pids');

/** Version 2: the limit goes along with the container's resources. */
export const hasUnifiedCgroups = (): boolean => existsSync('/sys/fs/cgroup/cgroup.controllers');

/**
 * Makes the container's cgroup before the runtime does, with the limit in it: what it starts never has more. The
 * runtime takes an empty one as its own and removes it.
 */
export async function limitBeforeStart(id: string, processesMax: number): Promise<void> {
  if (!existsSync(pidsRoot)) return;
  const folder = join(pidsRoot, cgroupParent, id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pids.max'), String(processesMax));
}

/** Removes what was made for a container that did not start. */
export async function forgetLimit(id: string): Promise<void> {
  await rmdir(join(pidsRoot, cgroupParent, id)).catch(() => undefined);
}

/** Removes the folder that containers were below, in every hierarchy, unless something is in it still. */
export async function removeCgroupParent(root = cgroupRoot): Promise<void> {
  const hierarchies = await readdir(root).catch(() => []);
  for (const hierarchy of ['.', ...hierarchies])
    await rmdir(join(root, hierarchy, cgroupParent)).catch(() => undefined);
}
