/** Calls of an orchestrator's API whose outcome is told as it is: answered, unknown, or never sent. */
import { Agent as PlainAgent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { StringDecoder } from 'node:string_decoder';

/** How to reach an API, and as whom. */
export interface Access {
  /** Of every member; a client that gets no answer goes on at the next. `unix:///…`: a socket, without TLS. */
  readonly urls: readonly string[];
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
}

export type Outcome =
  | { readonly type: 'answered'; readonly status: number; readonly text: string }
  /** The request may have been carried out, or may yet be. */
  | { readonly type: 'unknown'; readonly why: string }
  /** No connection was made: it was not carried out. */
  | { readonly type: 'unsent'; readonly why: string };

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  readonly path: string;
  /** Sent as JSON, unless it is text. */
  readonly body?: object | string | undefined;
  readonly type?: string | undefined;
  /** Which of the URLs: its remainder by their number. */
  readonly turn?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface StreamEvent {
  readonly type: string;
  readonly object: {
    readonly kind?: string;
    readonly code?: number;
    readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  };
}

interface WatchHandlers {
  readonly event: (event: StreamEvent) => void;
  /** The stream is over, for whatever reason; `gone`: the version asked for is too old. */
  readonly end: (gone: boolean) => void;
}

/** Nobody gave an answer that decides: another try may get one. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

const usualTimeoutMs = 5_000;
/** For what has to work: on a cluster that is well, and busy. */
const patientMs = 20_000;
const triesMin = 3;
const socketScheme = 'unix://';
const neverSent = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether a write was refused for sure: a client's mistake or a conflict, and a flood that was turned away. */
export function isRefused({ status }: { readonly status: number }): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

export class ApiClient {
  readonly #access: Access;
  readonly #agent: Agent;
  readonly #plainAgent = new PlainAgent({ keepAlive: true, maxSockets: 1_024 });

  constructor(access: Access) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1_024 });
  }

  get urls(): readonly string[] {
    return this.#access.urls;
  }

  call(call: Call): Promise<Outcome> {
    const { body, timeoutMs = usualTimeoutMs } = call;
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    return new Promise((resolve) => {
      const sent = this.#request(call, timeoutMs, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve(outcomeOf(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
        });
        response.on('error', (error) => {
          resolve({ type: 'unknown', why: error.message });
        });
      });
      // Of the whole call: a member that stands still keeps its connections open.
      const deadline = AbortSignal.timeout(timeoutMs);
      deadline.addEventListener('abort', () => {
        sent.destroy();
        resolve({ type: 'unknown', why: `no answer within ${timeoutMs} ms` });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ type: neverSent.has(error.code ?? '') ? 'unsent' : 'unknown', why: error.message });
      });
      sent.end(text);
    });
  }

  /**
   * The parsed answer, at the first URL that gives one with status 2xx; throws with what the last one said. A create
   * that is there already was carried out by an earlier try, if one had no answer.
   */
  async must<T>(call: Call): Promise<T> {
    let [last, unknown] = ['', false];
    const first = call.turn ?? 0;
    for (let turn = first; turn < first + Math.max(triesMin, this.urls.length); turn++) {
      const outcome = await this.call({ timeoutMs: patientMs, ...call, turn });
      if (outcome.type !== 'answered') {
        last = outcome.why;
        unknown ||= outcome.type === 'unknown';
        continue;
      }
      if (outcome.status < 300) return JSON.parse(outcome.text) as T;
      last = `${outcome.status} ${outcome.text.slice(0, 300)}`;
      const made = outcome.status === 409 && unknown ? madePath(call) : undefined;
      if (made !== undefined) return this.must<T>({ path: made, turn });
      if (isRefused(outcome)) throw new Error(`${nameOf(call)}: ${last}`);
    }
    throw new Unanswered(`${nameOf(call)}: ${last}`);
  }

  /** Follows a collection; the answer ends it. */
  watch(call: Call, { event, end }: WatchHandlers): () => void {
    let over = false;
    const finish = (gone: boolean): void => {
      if (over) return;
      over = true;
      sent.destroy();
      end(gone);
    };
    const sent = this.#request(call, undefined, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        finish(response.statusCode === 410);
        return;
      }
      const decoder = new StringDecoder();
      let rest = '';
      response.on('data', (chunk: Buffer) => {
        const lines = (rest + decoder.write(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines.filter((each) => each !== '')) {
          const change = JSON.parse(line) as StreamEvent;
          if (change.type === 'ERROR') finish(change.object.code === 410);
          else if (!over) event(change);
        }
      });
      response.on('close', () => {
        finish(false);
      });
    });
    sent.on('error', () => {
      finish(false);
    });
    sent.end();
    return () => {
      over = true;
      sent.destroy();
    };
  }

  close(): void {
    this.#agent.destroy();
    this.#plainAgent.destroy();
  }

  #request(call: Call, timeout: number | undefined, answered: (response: IncomingMessage) => void): ClientRequest {
    const { path, turn = 0 } = call;
    const url = this.urls[turn % this.urls.length] ?? '';
    const options = { ...this.#options(call), timeout };
    if (!url.startsWith(socketScheme)) return request(new URL(path, url), options, answered);
    const socketPath = url.slice(socketScheme.length);
    const { method, headers } = options;
    return plainRequest({ socketPath, path, method, headers, timeout, agent: this.#plainAgent }, answered);
  }

  #options({ method = 'GET', body, type }: Call): RequestOptions {
    const { ca, certificate, key, token } = this.#access;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = type ?? 'application/json';
    return { method, headers, ca, cert: certificate, key, agent: this.#agent };
  }
}

/** Where the object of a create with a name is; undefined for any other call. */
function madePath({ method, path, body }: Call): string | undefined {
  const { metadata } = (typeof body === 'object' ? body : {}) as { readonly metadata?: { readonly name?: string } };
  return method === 'POST' && metadata?.name !== undefined ? `${path}/${metadata.name}` : undefined;
}

const nameOf = ({ method = 'GET', path }: Call): string => `${method} ${path}`;

/** A server's error or its own time-out says nothing of whether it was carried out. */
function outcomeOf(status: number, text: string): Outcome {
  if (status >= 500 || status === 408) return { type: 'unknown', why: `${status} ${text.slice(0, 200)}` };
  return { type: 'answered', status, text };
}
