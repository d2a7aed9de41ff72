/**
 * Sends one kind of request over some connections, each sending the next when it has its answer. Runs as a child of the
 * benchmark, so that the load has a core of its own: takes a RequestLoad as JSON argument, prints a LoadResult.
 */
import { connect } from 'node:tls';
import { AnswerReader } from './answer-reader.ts';

export interface RequestLoad {
  /** For wrk alone; default: https. */
  readonly scheme?: 'http' | 'https';
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  /** Ends after this time or this many requests, whichever comes first. */
  readonly seconds: number;
  readonly requests: number;
  readonly method: string;
  /**
   * In path and body `{n}` becomes the request's number, from `first` on; `{g}` that number modulo `groups`; `{m}` what
   * no request had before.
   */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly first?: number;
  readonly groups?: number;
  /** Numbers start again after this many; for requests to objects that exist. */
  readonly modulo?: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Answers with a status of 400 and more. */
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const load = JSON.parse(process.argv[2] ?? '{}') as RequestLoad;
const {
  port,
  token,
  connections,
  seconds,
  requests,
  method,
  path,
  body,
  contentType = 'application/json',
  first = 0,
  groups = 1,
  modulo,
} = load;
const latencies: number[] = [];
let sent = 0;
let failures = 0;
let open = connections;
let end = Number.POSITIVE_INFINITY;
let began = 0;

function nextRequest(): string {
  const number = first + (modulo === undefined ? sent : sent % modulo);
  const filled = (text: string): string =>
    text
      .replaceAll('{n}', String(number))
      .replaceAll('{g}', String(number % groups))
      .replaceAll('{m}', String(sent));
  const text = body === undefined ? '' : filled(body);
  sent += 1;
  const entity =
    body === undefined ? '' : `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  const host = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nAccept: application/json`;
  return `${method} ${filled(path)} HTTP/1.1\r\n${host}\r\n${entity}\r\n${text}`;
}

function finish(): void {
  open -= 1;
  if (open > 0) return;
  latencies.sort((left, right) => left - right);
  const at = (part: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? Number.NaN;
  const result: LoadResult = {
    answers: latencies.length,
    failures,
    perSecond: latencies.length / ((performance.now() - began) / 1000),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
  process.stdout.write(JSON.stringify(result));
}

function run(socket: ReturnType<typeof connect>): void {
  let from = 0;
  const send = (): void => {
    if (sent >= requests || performance.now() >= end) {
      socket.destroy();
      finish();
      return;
    }
    from = performance.now();
    socket.write(nextRequest());
  };
  const reader = new AnswerReader((status) => {
    latencies.push(performance.now() - from);
    if (status >= 400) failures += 1;
    send();
  });
  socket.on('data', (data: Buffer) => {
    reader.read(data);
  });
  send();
}

const sockets = await Promise.all(
  Array.from(
    { length: connections },
    () =>
      new Promise<ReturnType<typeof connect>>((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
          resolve(socket);
        });
        socket.setNoDelay(true);
        socket.once('error', reject);
      }),
  ),
);
began = performance.now();
end = began + seconds * 1000;
for (const socket of sockets) run(socket);
