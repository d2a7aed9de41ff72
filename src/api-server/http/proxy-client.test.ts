import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { BodySink } from '../request.ts';
import { CollectingSink } from '../testing/index.ts';
import { httpExchange } from './proxy-client.ts';

/** A reader that takes a piece only when it is told to. */
class SlowReader implements BodySink {
  full = false;
  bytes = 0;
  readonly #drained: (() => void)[] = [];
  readonly done: Promise<void>;
  end: () => void = () => undefined;
  constructor() {
    this.done = new Promise((resolve) => {
      this.end = resolve;
    });
  }
  write(bytes: Uint8Array): boolean {
    this.bytes += bytes.length;
    this.full = true;
    return true;
  }
  abort(): void {
    throw new Error('the answer is whole');
  }
  onDrain(listener: () => void): void {
    this.#drained.push(listener);
  }
  onClose(): void {
    // It stays to the end.
  }
  take(): void {
    this.full = false;
    for (const listener of this.#drained) listener();
  }
}

const piece = 1 << 16;
const pieces = 256;

test("a backend's answer waits for a slow reader and comes whole; who asked is not told", async (t) => {
  let heard: Record<string, unknown> = {};
  const server = createServer((request, response) => {
    heard = request.headers;
    for (let i = 0; i < pieces; i++) response.write(Buffer.alloc(piece));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
  });
  const headers = { authorization: 'Bearer secret', 'impersonate-user': 'root', accept: 'text/plain' };
  const answer = await httpExchange({
    scheme: 'http',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    method: 'GET',
    path: '/',
    headers,
    body: new Uint8Array(0),
  });
  t.like(heard, { accept: 'text/plain', authorization: undefined, 'impersonate-user': undefined });
  const reader = new SlowReader();
  if (typeof answer.body !== 'function') throw new Error('an answer of a backend is a stream');
  answer.body(reader);
  await once(server, 'nothing', { signal: AbortSignal.timeout(100) }).catch(() => undefined);
  t.true(
    reader.bytes > 0 && reader.bytes < (pieces * piece) / 4,
    `${reader.bytes} bytes were pushed at a reader that took none`,
  );
  const taking = setInterval(() => {
    reader.take();
  }, 0);
  await reader.done;
  clearInterval(taking);
  t.is(reader.bytes, pieces * piece);
});

test('an answer that the backend breaks off is broken off, not ended', async (t) => {
  const server = createServer((_request, response) => {
    response.write('half');
    setImmediate(() => response.socket?.destroySoon());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
  });
  const answer = await httpExchange({
    scheme: 'http',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    method: 'GET',
    path: '/',
    headers: {},
    body: new Uint8Array(0),
  });
  if (typeof answer.body !== 'function') throw new Error('an answer of a backend is a stream');
  const sink = new CollectingSink();
  const over = new Promise<string>((resolve) => {
    sink.abort = () => {
      resolve('aborted');
    };
    sink.end = () => {
      resolve('ended');
    };
  });
  answer.body(sink);
  t.is(await over, 'aborted');
  t.is(sink.text, 'half');
});
