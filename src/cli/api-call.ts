import { request } from 'node:https';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { errorMessage } from '../base/index.ts';
import type { Home } from '../main/index.ts';
import { Problem } from './problem.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** One GET with the administrator's certificate. Rejects with a Problem when nothing answers within `timeoutMs`. */
export function getApi(home: Home, url: string, path: string, timeoutMs = 5_000): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const read = (name: string): Buffer => readFileSync(join(home.pki, name));
    const call = request(new URL(path, url), { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key'), timeout: timeoutMs, agent: false, headers: { accept: 'application/json' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => { chunks.push(chunk); });
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }); });
      response.on('error', reject);
    });
    call.on('timeout', () => { call.destroy(new Error(`no answer within ${timeoutMs} ms`)); });
    call.on('error', (error) => { reject(new Problem(`the API at ${url} does not answer (${errorMessage(error)}); see \`troupe status\` and \`troupe logs\``)); });
    call.end();
  });
}

/** Like `getApi`, parsed; a Problem for any status but 200. */
export async function getJson<T>(home: Home, url: string, path: string): Promise<T> {
  const answer = await getApi(home, url, path);
  if (answer.status !== 200) throw new Problem(`the API answered ${answer.status} to ${path}: ${answer.body.slice(0, 300)}`);
  return JSON.parse(answer.body) as T;
}
