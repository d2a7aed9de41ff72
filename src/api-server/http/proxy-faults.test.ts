import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { ApiHttpResponse } from '../request.ts';
import type { ProxyTarget } from '../streams/index.ts';
import { CollectingSink } from '../testing/index.ts';
import { httpExchange } from './proxy-client.ts';

/** A backend that does with each connection what the test says. */
async function backend(t: ExecutionContext, serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      serve(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
  });
  return server;
}

const ask = (server: Server, more: Partial<ProxyTarget> = {}): Promise<ApiHttpResponse> =>
  httpExchange({
    scheme: 'http',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    method: 'GET',
    path: '/',
    headers: {},
    body: new Uint8Array(0),
    ...more,
  });

/** How an answer's body ends, and what came of it. */
function read({ body }: ApiHttpResponse): Promise<{ readonly end: 'ended' | 'aborted'; readonly text: string }> {
  if (typeof body !== 'function') throw new Error('an answer of a backend is a stream');
  const sink = new CollectingSink();
  return new Promise((resolve) => {
    sink.abort = () => {
      resolve({ end: 'aborted', text: sink.text });
    };
    sink.end = () => {
      resolve({ end: 'ended', text: sink.text });
    };
    body(sink);
  });
}

/**
 * The descriptors of connections with these servers, of either side; what else the process has open is of other tests.
 * A row of /proc/self/net/tcp names both ends, its state (0A: it listens) and the socket, which is 0 once it is closed.
 */
function openConnections(servers: readonly Server[]): number {
  const ports = new Set(servers.map((server) => (server.address() as AddressInfo).port));
  const rows = readFileSync('/proc/self/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows.filter((row) => {
    const [, local = '', remote = '', state, , , , , , socket] = row.trim().split(/\s+/);
    const ends = [local, remote].map((end) => Number.parseInt(end.split(':')[1] ?? '', 16));
    return state !== '0A' && socket !== '0' && ends.some((port) => ports.has(port));
  }).length;
}

async function nothingIsLeft(t: ExecutionContext, servers: readonly Server[]): Promise<void> {
  for (let i = 0; i < 100 && openConnections(servers) > 0; i++) await pause(20);
  t.is(openConnections(servers), 0, 'a descriptor for each end of a connection');
}

test.serial('backends that lie, hang or break off are refused or broken off, and nothing is left', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
  const says =
    (text: string, then: (socket: Socket) => void = (socket) => socket.end()) =>
    (socket: Socket): void => {
      socket.write(text, () => {
        then(socket);
      });
    };
  const servers: Record<string, Server> = {
    closes: await backend(t, (socket) => socket.destroy()),
    hangs: await backend(t, () => undefined),
    trickles: await backend(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => {
        clearInterval(timer);
      });
    }),
    babbles: await backend(t, says('no HTTP at all\r\n\r\n')),
    swells: await backend(t, says(`${head}x: ${'y'.repeat(2 * 1024 * 1024)}\r\n\r\n`)),
    hints: await backend(t, (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5);
      socket.once('close', () => {
        clearInterval(timer);
      });
    }),
    contradicts: await backend(t, says(`${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc`)),
    short: await backend(t, says(`${head}content-length: 10\r\n\r\nhalf`)),
    unchunked: await backend(t, says(`${head}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n`)),
    silent: await backend(
      t,
      says(`${head}content-length: 10\r\n\r\nhalf`, () => undefined),
    ),
  };
  const limits = { timeoutMs: 300, idleMs: 300 };
  for (const name of ['closes', 'hangs', 'trickles', 'babbles', 'swells', 'hints', 'contradicts']) {
    const server = servers[name];
    if (server === undefined) throw new Error(name);
    const error = await t.throwsAsync(ask(server, limits), undefined, name);
    t.regex(error?.message ?? '', /no answer within 0\.3 s|hang up|Parse Error|reset|header/i, name);
  }
  for (const name of ['short', 'unchunked', 'silent']) {
    const server = servers[name];
    if (server === undefined) throw new Error(name);
    t.deepEqual(await read(await ask(server, limits)), { end: 'aborted', text: 'half' }, name);
  }
  await nothingIsLeft(t, Object.values(servers));
});

test.serial('a client that goes before its answer has begun, or in its middle, lets the backend go', async (t) => {
  let asked = 0;
  const silent = await backend(t, () => {
    asked += 1;
  });
  const endless = await backend(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n');
    const timer = setInterval(() => socket.write('more'), 5);
    socket.once('close', () => {
      clearInterval(timer);
    });
  });
  const leaving: (() => void)[] = [];
  const early = Array.from({ length: 20 }, () =>
    ask(silent, {
      onGone: (listener) => {
        leaving.push(listener);
        return () => undefined;
      },
    }),
  );
  while (asked < early.length) await pause(5);
  t.true(openConnections([silent]) >= 2 * early.length, 'both ends are counted while they are open');
  for (const leave of leaving) leave();
  for (const each of early) await t.throwsAsync(each, { message: /client is gone/ });
  for (let i = 0; i < 20; i++) {
    const { body } = await ask(endless);
    if (typeof body !== 'function') throw new Error('an answer of a backend is a stream');
    const sink = new CollectingSink();
    body(sink);
    await pause(10);
    sink.close();
  }
  await nothingIsLeft(t, [silent, endless]);
});

test('a large head of an answer is passed on', async (t) => {
  const server = await backend(t, (socket) => {
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\nlarge: ${'y'.repeat(500_000)}\r\nconnection: close\r\n\r\n`);
  });
  const answer = await ask(server);
  t.is(answer.headers['large']?.length, 500_000);
});

test('links of a page get the path of the proxy, compressed or not', async (t) => {
  const { gzipSync } = await import('node:zlib');
  const page = `${'<p>'.repeat(50_000)}<a href="/rewriteme">test</a>`;
  for (const encoding of ['identity', 'gzip'] as const) {
    const body = encoding === 'gzip' ? gzipSync(page) : Buffer.from(page);
    const server = await backend(t, (socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-encoding: ${encoding}\r\n` +
          `content-length: ${body.byteLength}\r\nconnection: close\r\n\r\n`,
      );
      socket.end(body);
    });
    const answer = await ask(server, { linksPrefix: '/pre' });
    t.is(answer.headers['content-encoding'], encoding);
    t.is(await pageOf(answer, encoding), page.replace('/rewriteme', '/pre/rewriteme'));
    const plain = await ask(server);
    t.is(await pageOf(plain, encoding), page);
  }
});

async function pageOf({ body }: ApiHttpResponse, encoding: 'identity' | 'gzip'): Promise<string> {
  const { gunzipSync } = await import('node:zlib');
  if (typeof body !== 'function') throw new Error('an answer of a backend is a stream');
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const sink = new CollectingSink();
    sink.write = (bytes) => {
      pieces.push(Buffer.from(bytes));
      return true;
    };
    sink.end = resolve;
    sink.abort = () => {
      reject(new Error('broken off'));
    };
    body(sink);
  });
  const whole = Buffer.concat(pieces);
  return (encoding === 'gzip' ? gunzipSync(whole) : whole).toString();
}

test('a page that cannot be unpacked is broken off', async (t) => {
  const server = await backend(t, (socket) => {
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\nno gzip..',
    );
  });
  t.is((await read(await ask(server, { linksPrefix: '/pre' }))).end, 'aborted');
});
