/** Calls of the API with the certificates of the home. */
import type { IncomingMessage } from 'node:http';
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

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON; of a PATCH a merge patch. */
  readonly body?: object | undefined;
  /** Whose certificate to use; default: the administrator's. `nobody`: none. */
  readonly as?: 'admin' | 'node' | 'nobody' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long the API may be silent; default 5,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * One call with a certificate of the home, to the head of the answer. Rejects with a Problem when nothing answers
 * within `timeoutMs`.
 */
export function callApi(home: Home, url: string, path: string, options: Call = {}): Promise<IncomingMessage> {
  const { method = 'GET', as = 'admin', timeoutMs = 5_000 } = options;
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const read = (name: string): Buffer => readFileSync(join(home.pki, name));
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = {
      accept: 'application/json',
      ...options.headers,
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }),
    };
    const call = request(
      new URL(path, url),
      {
        method,
        ca: read('ca.crt'),
        cert: as === 'nobody' ? undefined : read(`${as}.crt`),
        key: as === 'nobody' ? undefined : read(`${as}.key`),
        timeout: timeoutMs,
        agent: false,
        headers,
      },
      resolve,
    );
    call.on('timeout', () => {
      call.destroy(new Error(`no answer within ${timeoutMs} ms`));
    });
    call.on('error', (error) => {
      reject(
        new Problem(
          `the API at ${url} does not answer (${errorMessage(error)}); see \`troupe status\` and \`troupe logs\``,
        ),
      );
    });
    call.end(body);
  });
}

/** The whole answer. */
export async function readAnswer(response: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

/** `callApi` to the end of the answer. */
export async function askApi(home: Home, url: string, path: string, options: Call = {}): Promise<ApiAnswer> {
  return readAnswer(await callApi(home, url, path, options));
}

/** One GET with the administrator's certificate. Rejects with a Problem when nothing answers within `timeoutMs`. */
async function getApi(home: Home, url: string, path: string, timeoutMs = 5_000): Promise<ApiAnswer> {
  return askApi(home, url, path, { timeoutMs });
}

/** The problem to report for an answer with an unexpected status. */
export function failedCall(what: string, { status, body }: ApiAnswer): Problem {
  return new Problem(`${what} (status ${status}): ${body.slice(0, 300)}`);
}

/** Whether the member at the URL answers within 2 s that it is ready. */
export async function answersReady(home: Home, url: string): Promise<boolean> {
  return getApi(home, url, '/readyz', 2_000).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Like `getApi`, parsed; a Problem for any status but 200. */
export async function getJson<T>(home: Home, url: string, path: string): Promise<T> {
  const answer = await getApi(home, url, path);
  if (answer.status !== 200)
    throw new Problem(`the API answered ${answer.status} to ${path}: ${answer.body.slice(0, 300)}`);
  return JSON.parse(answer.body) as T;
}
