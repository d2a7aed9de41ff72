/** Keeps the logs of running containers from filling the disk, which with CRI is the caller's task. */
import { rename, stat } from 'node:fs/promises';
import type { CriConnection } from './cri-connection.ts';
import type { CriContainer, ListedContainer, Verbose } from './cri-messages.ts';

/** As much as is kept on other engines: 10 MB three times. */
export const logBytesMax = 10 * 1024 * 1024;

/** Of these containers, rotates the logs that are full. Rejects with the first failure, after all were looked at. */
export async function rotateLogs(
  connection: CriConnection,
  running: readonly Pick<ListedContainer, 'id'>[],
  paths: Map<string, string>,
): Promise<void> {
  const ids = new Set(running.map(({ id }) => id));
  for (const id of paths.keys()) if (!ids.has(id)) paths.delete(id);
  const failures: unknown[] = [];
  for (const id of ids)
    try {
      await rotateLog(connection, id, paths);
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
}

async function rotateLog(connection: CriConnection, id: string, paths: Map<string, string>): Promise<void> {
  const path = paths.get(id) ?? (await logPath(connection, id));
  if (path === '') return;
  paths.set(id, path);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size < logBytesMax) return;
  await rename(`${path}.1`, `${path}.2`).catch(() => undefined);
  await rename(path, `${path}.1`);
  try {
    await connection.runtime('ReopenContainerLog', { containerId: id });
  } catch (error) {
    // The runtime goes on in the renamed file: what it writes must stay under the container's name.
    await rename(`${path}.1`, path).catch(() => undefined);
    throw error;
  }
}

async function logPath(connection: CriConnection, id: string): Promise<string> {
  const { status } = await connection.runtime<Verbose<CriContainer>>('ContainerStatus', { containerId: id });
  return status?.logPath ?? '';
}
