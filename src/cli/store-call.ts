/** Calls of the store's paths of a running member. */
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { type BackupReport, type Home, verifyBackupFile } from '../main/index.ts';
import { askApi, callApi, readAnswer } from './api-call.ts';
import { Problem } from './problem.ts';

/** A running member, as the administrator reaches it. */
export interface Door {
  readonly home: Home;
  readonly url: string;
}

const commandMs = 60_000;
/** Hashing a large state on every member takes its time. */
const hashMs = 150_000;

/** Rejects with a Problem in the member's words. */
export async function askStore<T>({ home, url }: Door, path: string, body?: object): Promise<T> {
  const answer = await askApi(home, url, `/troupe/api/store/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    body,
    timeoutMs: path === 'hash' ? hashMs : commandMs,
  });
  if (answer.status !== 200) throw new Problem(reason(answer.status, answer.body));
  return JSON.parse(answer.body) as T;
}

function reason(status: number, body: string): string {
  try {
    const { code, message } = JSON.parse(body) as { readonly code?: unknown; readonly message?: unknown };
    return typeof message === 'string' ? `${message}${typeof code === 'string' ? ` (${code})` : ''}` : body;
  } catch {
    return `the API answered ${status}: ${body.slice(0, 300)}`;
  }
}

/**
 * Writes a backup of the running store to a temporary file and verifies it before it gets its name: a file of that name
 * is always a good backup. `progress` is called with the bytes so far.
 */
export async function downloadBackup(
  door: Door,
  file: string,
  progress: (bytes: number) => void,
): Promise<BackupReport> {
  const part = `${file}.part`;
  try {
    const response = await callApi(door.home, door.url, '/troupe/api/store/backup', { timeoutMs: commandMs });
    if (response.statusCode !== 200)
      throw new Problem(reason(response.statusCode ?? 0, (await readAnswer(response)).body));
    const target = createWriteStream(part, { mode: 0o600 });
    let bytes = 0;
    for await (const piece of response) {
      bytes += (piece as Buffer).length;
      if (!target.write(piece)) await once(target, 'drain');
      progress(bytes);
    }
    target.end();
    await once(target, 'close');
    const report = await verifyBackupFile(part);
    const handle = await open(part, 'r+');
    await handle.sync();
    await handle.close();
    renameSync(part, file);
    return report;
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
