/** Profiles as files, for runtimes that take no text. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a kubelet has its own. */
export const profileFolder = '/var/lib/kubelet/seccomp/troupe';

/** The path of a file with this text; the same text has the same one. */
export async function profileFile(folder: string, profile: string): Promise<string> {
  const path = join(folder, `${createHash('sha256').update(profile).digest('hex')}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, profile);
  return path;
}
