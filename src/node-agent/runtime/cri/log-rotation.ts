/** Keeps the logs of running containers from filling the disk, which with CRI is the caller's task. */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogLimits } from '../log-limits.ts';
import type { CriConnection } from './cri-connection.ts';
import type { CriContainer, ListedContainer, Verbose } from './cri-messages.ts';

interface Rotation {
  readonly connection: CriConnection;
  /** By container, so that each is asked for once. */
  readonly paths: Map<string, string>;
  readonly limits: LogLimits;
}

/** Of these containers, rotates the logs that are full. Rejects with the first failure, after all were looked at. */
export async function rotateLogs(rotation: Rotation, running: readonly Pick<ListedContainer, 'id'>[]): Promise<void> {
  const { paths } = rotation;
  const ids = new Set(running.map(({ id }) => id));
  for (const id of paths.keys()) if (!ids.has(id)) paths.delete(id);
  const failures: unknown[] = [];
  for (const id of ids)
    try {
      await rotateLog(rotation, id);
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
}

async function rotateLog({ connection, paths, limits }: Rotation, id: string): Promise<void> {
  const path = paths.get(id) ?? (await logPath(connection, id));
  if (path === '') return;
  paths.set(id, path);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size < limits.bytesMax) return;
  for (let age = limits.filesMax - 2; age > 0; age--)
    await rename(`${path}.${age}`, `${path}.${age + 1}`).catch(() => undefined);
  await rename(path, `${path}.1`);
  try {
    await connection.runtime('ReopenContainerLog', { containerId: id });
  } catch (error) {
    // The runtime goes on in the renamed file: what it writes must stay under the container's name.
    await rename(`${path}.1`, path).catch(() => undefined);
    throw error;
  }
}

/** Removes a log and those that rotation left, as many as there are. */
export async function removeLog(path: string): Promise<void> {
  const [folder, file] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => []);
  const own = names.filter(
    (name) => name === file || /^\.\d+$/.test(name.startsWith(file) ? name.slice(file.length) : ''),
  );
  for (const name of own) await rm(join(folder, name), { force: true });
}

async function logPath(connection: CriConnection, id: string): Promise<string> {
  const { status } = await connection.runtime<Verbose<CriContainer>>('ContainerStatus', { containerId: id });
  return status?.logPath ?? '';
}
