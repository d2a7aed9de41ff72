/** Plain calls of the Docker Engine API. */
import type { Duplex, Readable } from 'node:stream';
import Docker from 'dockerode';
import { errorMessage } from '../../../base/index.ts';
import { RuntimeError, type RuntimeErrorCode } from '../runtime.ts';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface CallOptions {
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly registryAuth?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Plain calls of the Docker Engine API over kept-alive connections; every failure is a RuntimeError. */
export interface DockerConnection {
  call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, options?: CallOptions): Promise<T>;
  stream(
    method: 'GET' | 'POST',
    path: string,
    options?: CallOptions & { readonly upload?: Uint8Array | undefined },
  ): Promise<Readable>;
  /** A two-way stream over an upgraded connection. */
  hijack(path: string, options?: CallOptions): Promise<Duplex>;
  close(): void;
}

const good: Record<number, true> = { 200: true, 201: true, 204: true, 304: true, 101: true };

/**
 * dockerode's modem with the failures of ours. `socketPath` is the engine's unix socket. No agent of our own: the modem
 * renders its options as text for every request, agent and sockets included, and Node's own agent keeps connections
 * alive as well.
 */
export function connectDocker(socketPath: string): DockerConnection {
  const docker = new Docker({ socketPath, host: undefined } as Docker.DockerOptions);
  const modem = docker.modem as { dial(options: object, callback: (error: unknown, value: unknown) => void): void };
  const dial = (options: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      modem.dial(options, (error, value) => {
        if (error === null || error === undefined) resolve(value);
        else reject(runtimeError(error));
      });
    });
  return {
    call: async <T>(method: 'GET' | 'POST' | 'DELETE', path: string, options: CallOptions = {}) =>
      (await dial(request(method, path, options))) as T,
    stream: async (method, path, options = {}) =>
      (await dial({
        ...request(method, path, options),
        isStream: true,
        file: options.upload === undefined ? undefined : Buffer.from(options.upload),
      })) as Readable,
    // An empty body has a length, so that nothing but headers goes out before the upgrade: what follows is the
    // process's input.
    hijack: async (path, options = {}) =>
      (await dial({
        ...request('POST', path, options),
        hijack: true,
        openStdin: true,
        isStream: true,
        ...(options.body === undefined ? { file: Buffer.alloc(0) } : {}),
      })) as Duplex,
    close: () => undefined,
  };
}

function request(method: string, path: string, options: CallOptions): object {
  const query = Object.fromEntries(Object.entries(options.query ?? {}).filter(([, value]) => value !== undefined));
  return {
    path: `${path}?`,
    method,
    statusCodes: good,
    options: { _query: query, _body: options.body ?? {} },
    abortSignal: options.signal,
    authconfig: options.registryAuth,
  };
}

const codes: Readonly<Record<number, RuntimeErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'not-found',
  409: 'conflict',
};

/** What dockerode throws, as a RuntimeError: by HTTP status, or `unreachable` when there was no answer. */
function runtimeError(error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const { statusCode, json } = error as { statusCode?: number; json?: unknown };
  if (statusCode === undefined)
    return new RuntimeError('unreachable', `the Docker engine did not answer: ${errorMessage(error)}`, error);
  return new RuntimeError(
    codes[statusCode] ?? 'failed',
    answerText(json) ??
      errorMessage(error)
        .replace(/^\(HTTP code \d+\) [^-]*- /, '')
        .trim(),
    error,
  );
}

function answerText(json: unknown): string | undefined {
  const message = (json as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}

/** The call's result; undefined if it failed with this code. */
export async function ignoring<T>(code: RuntimeErrorCode, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === code) return undefined;
    throw error;
  }
}
