/** Commands in containers, and their logs. */
import type { ApiRequest, StreamMessage } from '../protocol/index.ts';
import { ApiError, type Wire } from './core/index.ts';

export interface ExecOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string | undefined;
  readonly command: readonly string[];
  /** Given to the command, which then sees the end of its input. */
  readonly stdin?: string | Uint8Array | undefined;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LogOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string | undefined;
  readonly tailLines?: number | undefined;
  readonly previous?: boolean | undefined;
  readonly timestamps?: boolean | undefined;
}

const [stdin, stdout, stderr, outcome] = [0, 1, 2, 3];
const frameBytes = 32 * 1024;

/** Runs a command in a container to its end. Rejects with ApiError when it could not be run. */
export function exec(
  wire: Wire,
  { namespace, pod, container, command, stdin: input }: ExecOptions,
): Promise<ExecResult> {
  const query = {
    command,
    stdout: 'true',
    stderr: 'true',
    ...(input === undefined ? {} : { stdin: 'true' }),
    ...(container === undefined ? {} : { container }),
  };
  const texts = new Map([
    [stdout, new TextCollector()],
    [stderr, new TextCollector()],
    [outcome, new TextCollector()],
  ]);
  return new Promise((resolve, reject) => {
    const stream = wire.stream(
      { verb: 'create', group: '', version: 'v1', resource: 'pods', subresource: 'exec', namespace, name: pod, query },
      'bytes',
      {
        message: ({ channel, data }) => {
          if (channel !== undefined && data instanceof Uint8Array) texts.get(channel)?.add(data);
        },
        ended: (error) => {
          const text = (channel: number): string => texts.get(channel)?.text() ?? '';
          if (error !== undefined) {
            reject(error);
            return;
          }
          try {
            resolve({ exitCode: exitCodeOf(text(outcome)), stdout: text(stdout), stderr: text(stderr) });
          } catch (failure) {
            reject(failure instanceof ApiError ? failure : new ApiError(500, undefined, String(failure)));
          }
        },
      },
    );
    if (input === undefined) return;
    const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
    for (let at = 0; at < bytes.byteLength; at += frameBytes) stream.send(stdin, bytes.subarray(at, at + frameBytes));
    stream.end(stdin);
  });
}

/** How the command ended, from the Status on channel 3. */
function exitCodeOf(text: string): number {
  if (text === '') return 0;
  const status = JSON.parse(text) as {
    readonly status?: string;
    readonly reason?: string;
    readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
  };
  if (status.status === 'Success') return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  if (cause === undefined) throw new ApiError(500, status);
  return Number(cause.message);
}

/** The log as it is. */
export async function readLog(wire: Wire, options: LogOptions): Promise<string> {
  return String((await wire.request(logRequest(options, false))).body ?? '');
}

/** The log from now on, as it grows, until it is closed or the container ends. */
export function followLog(
  wire: Wire,
  options: LogOptions & {
    readonly data: (text: string) => void;
    readonly ended?: (error: ApiError | undefined) => void;
  },
): { close(): void } {
  const decoder = new TextDecoder();
  return wire.stream(logRequest(options, true), 'bytes', {
    message: ({ data }: StreamMessage) => {
      if (data instanceof Uint8Array) options.data(decoder.decode(data, { stream: true }));
    },
    ended: (error) => {
      options.ended?.(error);
    },
  });
}

function logRequest(
  { namespace, pod, container, tailLines, previous, timestamps }: LogOptions,
  follow: boolean,
): ApiRequest {
  const query = {
    ...(container === undefined ? {} : { container }),
    ...(tailLines === undefined ? {} : { tailLines: String(tailLines) }),
    ...(follow ? { follow: 'true' } : {}),
    ...(previous === true ? { previous: 'true' } : {}),
    ...(timestamps === true ? { timestamps: 'true' } : {}),
  };
  return { verb: 'get', group: '', version: 'v1', resource: 'pods', subresource: 'log', namespace, name: pod, query };
}

class TextCollector {
  readonly #decoder = new TextDecoder();
  #text = '';

  add(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  text(): string {
    return this.#text + this.#decoder.decode();
  }
}
