import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import type { ApiHttpRequest, ApiHttpResponse, BodySink } from '../request.ts';
import { HeadWriter } from './answer-head.ts';
import { ClientCertificates } from './client-certificate.ts';
import { BufferPool } from './gathering.ts';
import { SharedChunks } from './outgoing.ts';
import { PlainConnection } from './plain-connection.ts';

/** A connection whose far end is the test. */
class Wire extends Duplex {
  readonly authorized = false;
  sent = '';
  override _read(): void {
    /* The test pushes. */
  }
  destroySoon(): void {
    this.end(() => this.destroy());
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sent += chunk.toString('latin1');
    done();
  }
}

function opened(answer: (request: ApiHttpRequest) => ApiHttpResponse | Promise<ApiHttpResponse>): {
  readonly wire: Wire;
  readonly handedOver: string[];
  readonly connection: PlainConnection;
} {
  const wire = new Wire();
  const handedOver: string[] = [];
  const otherwise = (socket: TLSSocket): void => {
    socket.on('data', (data: Buffer) => {
      handedOver.push(String(data));
    });
  };
  const connection = new PlainConnection(wire as unknown as TLSSocket, {
    handler: async (request) => await answer(request),
    log: silentLogger,
    otherwise,
    certificates: new ClientCertificates(),
    chunks: new SharedChunks(),
    buffers: new BufferPool(),
    heads: new HeadWriter(),
  });
  return { wire, handedOver, connection };
}

const text = (body: string): ApiHttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: new TextEncoder().encode(body),
});
const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

test('requests that come together are answered one after the other, in order', async (t) => {
  const waiting: (() => void)[] = [];
  const { wire } = opened(
    ({ path }) =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(text(path));
        });
      }),
  );
  wire.push(request('/one') + request('/two'));
  await turn();
  t.is(waiting.length, 1);
  waiting[0]?.();
  await turn();
  t.regex(wire.sent, /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain\r\ncontent-length: 4\r\n\r\n\/one$/);
  waiting[1]?.();
  await turn();
  t.true(wire.sent.endsWith('\r\n\r\n/two'));
});

test('a body that came with its head is given to the handler', async (t) => {
  const { wire } = opened(({ body }) => text(`${body.byteLength} bytes`));
  wire.push('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
  await turn();
  t.true(wire.sent.endsWith('5 bytes'));
});

test('a connection whose next request is not plain is handed over with what was read', async (t) => {
  const { wire, handedOver } = opened(({ path }) => text(path));
  wire.push(`${request('/one')}HEAD /two HTTP/1.1\r\nHost: a\r\n\r\n`);
  await turn();
  await turn();
  t.true(wire.sent.endsWith('/one'));
  t.deepEqual(handedOver, ['HEAD /two HTTP/1.1\r\nHost: a\r\n\r\n']);
});

test('a body that has not come whole is left to the general machinery', async (t) => {
  const { wire, handedOver } = opened(() => text('never'));
  wire.push('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe');
  await turn();
  t.is(wire.sent, '');
  t.is(handedOver.length, 1);
});

test('a stream that is broken off has no last chunk, and its connection ends', async (t) => {
  let closed = 0;
  const { wire } = opened(() => ({
    status: 200,
    headers: {},
    body: (sink) => {
      sink.onClose(() => {
        closed += 1;
      });
      sink.write(new TextEncoder().encode('half'));
      sink.abort();
    },
  }));
  wire.push(request('/stream'));
  for (let turns = 0; turns < 4; turns++) await turn();
  t.true(wire.sent.endsWith('\r\n\r\n4\r\nhalf\r\n'));
  t.true(wire.destroyed);
  t.is(closed, 1);
});

test('a stream is sent in chunks; its end lets the next request in and is told once', async (t) => {
  let sink: BodySink | undefined;
  let closed = 0;
  const { wire } = opened(({ path }) =>
    path === '/stream'
      ? {
          status: 200,
          headers: {},
          body: (given) => {
            sink = given;
            given.onClose(() => {
              closed += 1;
            });
          },
        }
      : text(path),
  );
  wire.push(request('/stream') + request('/next'));
  await turn();
  t.true(sink?.write(new TextEncoder().encode('event\n')));
  t.true(wire.sent.endsWith('transfer-encoding: chunked\r\n\r\n6\r\nevent\n\r\n'));
  sink?.end();
  await turn();
  t.true(wire.sent.includes('0\r\n\r\nHTTP/1.1 200 OK'));
  wire.destroy();
  await turn();
  t.is(closed, 1);
});

test('the source of a stream hears when its reader goes away', async (t) => {
  let closed = 0;
  let sink: BodySink | undefined;
  const { wire } = opened(() => ({
    status: 200,
    headers: {},
    body: (given) => {
      sink = given;
      given.onClose(() => {
        closed += 1;
      });
    },
  }));
  wire.push(request('/stream'));
  await turn();
  wire.destroy();
  await turn();
  t.is(closed, 1);
  t.false(sink?.write(new Uint8Array(1)));
});

test('a connection is closed after twenty-four idle turns, but not while it is answered', async (t) => {
  const waiting: (() => void)[] = [];
  const { wire, connection } = opened(
    () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(text(''));
        });
      }),
  );
  const turns = (count: number): void => {
    for (let i = 0; i < count; i++) connection.tick();
  };
  turns(24);
  wire.push(request('/'));
  await turn();
  turns(50);
  t.false(wire.destroyed);
  waiting[0]?.();
  await turn();
  turns(24);
  t.false(wire.destroyed);
  turns(1);
  t.true(wire.destroyed);
});

test('a header that would break the answer apart ends the connection instead', async (t) => {
  const { wire } = opened(() => ({
    status: 200,
    headers: { location: 'a\r\nset-cookie: b' },
    body: new Uint8Array(0),
  }));
  wire.push(request('/'));
  await turn();
  t.is(wire.sent, '');
  t.true(wire.destroyed);
});
