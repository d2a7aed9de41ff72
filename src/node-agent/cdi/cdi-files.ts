/** The files of the Container Device Interface on this machine. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, type Logger } from '../../base/index.ts';
import { type DeviceEdits, editsOf, parseCdi, type ReadFile } from './cdi-spec.ts';

/** Where vendors and drivers write them; what a later folder says goes before. */
const usualFolders = ['/etc/cdi', '/var/run/cdi'] as const;
/** Files of a folder that are read at most. */
const filesMax = 1_000;

export interface CdiDevices {
  /** What a container gets with these devices. Rejects with CdiError. */
  edits(names: readonly string[]): Promise<DeviceEdits>;
}

/** Reads the files anew for each container: drivers write them as they prepare devices. */
export function cdiDevices(log: Logger, folders: readonly string[] = usualFolders): CdiDevices {
  return {
    edits: async (names) => {
      const files = await Promise.all(folders.map((folder, place) => filesOf(folder, place, log)));
      return editsOf(names, files.flat());
    },
  };
}

async function filesOf(folder: string, place: number, log: Logger): Promise<readonly ReadFile[]> {
  const names = await readdir(folder).catch(() => []);
  const found: ReadFile[] = [];
  for (const name of names
    .filter((each) => /\.(json|ya?ml)$/.test(each))
    .sort()
    .slice(0, filesMax)) {
    const path = join(folder, name);
    try {
      found.push({ path, folder: place, file: parseCdi(await readFile(path, 'utf8')) });
    } catch (error) {
      // A bad file is no reason to do without the others.
      log.warn('a file of CDI devices cannot be read', { path, error: errorMessage(error) });
    }
  }
  return found;
}
