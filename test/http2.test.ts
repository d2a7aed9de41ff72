import { readFileSync } from 'node:fs';
import { connect as connectHttp2, type ClientHttp2Session, constants, type OutgoingHttpHeaders } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { openHttpDoor } from '../src/api-server/http/index.ts';
import type { ApiHandler } from '../src/api-server/handler.ts';
import type { ApiHttpRequest, ApiHttpResponse, BodySink } from '../src/api-server/request.ts';
import { limits, silentLogger } from '../src/base/index.ts';
import { makeAuthority, makeLeaf } from '../src/main/keys/certificate-authority.ts';
import { SimulatedTime } from '../src/platform/index.ts';

const now = Date.now();

interface Place {
  readonly time: SimulatedTime;
  /** Believes the certificates of another authority instead. */
  changeAuthority(): Promise<void>;
  readonly requests: ApiHttpRequest[];
  /** A connection with the certificate of that user, if any. */
  session(user?: string): Promise<ClientHttp2Session>;
  socket(protocols: string[], more?: ConnectionOptions): Promise<TLSSocket>;
}

async function start(
  t: ExecutionContext,
  answer: (request: ApiHttpRequest) => ApiHttpResponse | Promise<ApiHttpResponse>,
): Promise<Place> {
  const authority = await makeAuthority('clients', { now, days: 1 });
  const { certificate, key } = await makeLeaf(authority, {
    subject: 'CN=kube-apiserver',
    usage: 'server',
    hosts: ['127.0.0.1'],
    now,
    days: 1,
  });
  const requests: ApiHttpRequest[] = [];
  const handler: ApiHandler = async (request) => {
    requests.push(request);
    return await answer(request);
  };
  const time = new SimulatedTime();
  const door = await openHttpDoor({
    handler,
    tls: { certificate, key, clientCa: authority.certificate },
    listen: { host: '127.0.0.1', port: 0 },
    log: silentLogger,
    timers: time,
  });
  t.teardown(async () => {
    let closed = false;
    const closing = door.close().then(() => {
      closed = true;
    });
    // The door gives answers that are under way some of the test's time.
    while (!closed) await time.run(1_000);
    await closing;
  });
  return {
    time,
    changeAuthority: async () => {
      const other = await makeAuthority('others', { now, days: 1 });
      door.renew({ certificate, key, clientCa: other.certificate });
    },
    requests,
    async session(user) {
      const leaf =
        user === undefined
          ? {}
          : await makeLeaf(authority, {
              subject: `O=testers, CN=${user}`,
              usage: 'client',
              hosts: [],
              now,
              days: 1,
            }).then((made) => ({ cert: made.certificate, key: made.key }));
      const session = connectHttp2(`https://127.0.0.1:${door.port}`, {
        ca: authority.certificate,
        maxSendHeaderBlockLength: 2 ** 20,
        ...leaf,
      });
      t.teardown(() => {
        session.destroy();
      });
      session.on('error', () => undefined);
      return new Promise((resolve) => {
        session.once('remoteSettings', () => {
          resolve(session);
        });
      });
    },
    socket: (ALPNProtocols, more = {}) =>
      new Promise((resolve, reject) => {
        const socket = connectTls(
          { host: '127.0.0.1', port: door.port, ca: authority.certificate, ALPNProtocols, ...more },
          () => {
            resolve(socket);
          },
        );
        socket.on('error', reject);
        t.teardown(() => {
          socket.destroy();
        });
      }),
  };
}

interface Answer {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let answered: Answer['headers'] = {};
    const chunks: Buffer[] = [];
    stream.on('response', (given) => {
      answered = given;
    });
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
    });
    stream.on('end', () => {
      resolve({ headers: answered, body: Buffer.concat(chunks).toString() });
    });
    stream.on('error', reject);
    if (body !== undefined) stream.end(body);
  });
}

const text = (body: string, more: ApiHttpResponse['headers'] = {}): ApiHttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain', ...more },
  body: Buffer.from(body),
});

test('the system asks after clients that are silent, whose machines may be gone', async (t) => {
  const place = await start(t, () => ({ status: 200, headers: {}, body: Buffer.from('') }));
  const socket = await place.socket(['http/1.1']);
  const port = (socket.remotePort ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const table = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const [, , , state, , timer] =
    table.find(([, local, remote]) => local?.endsWith(`:${port}`) === true && remote?.endsWith(':0000') !== true) ?? [];
  t.is(state, '01');
  t.is(timer?.slice(0, 2), '02', 'a timer of keep-alive probes runs');
});

test('request heads of up to a megabyte are read, in both protocols; larger ones are refused', async (t) => {
  const place = await start(t, (request) => ({
    status: 200,
    headers: {},
    body: Buffer.from(`${request.query.length} ${String(request.headers['x-long']?.length)}`),
  }));
  const plain = async (query: number, field: number): Promise<string> => {
    const socket = await place.socket(['http/1.1']);
    socket.write(`GET /?${'a'.repeat(query)} HTTP/1.1\r\nhost: h\r\nx-long: ${'b'.repeat(field)}\r\n`);
    socket.write('connection: close\r\n\r\n');
    let text = '';
    socket.on('data', (part) => {
      text += String(part);
    });
    // A refused client may still be sending when the connection ends.
    await new Promise((resolve) => socket.once('close', resolve));
    return text;
  };
  t.regex(await plain(100_000, 1), /^HTTP\/1\.1 200 [^]*\r\n100000 1$/);
  t.regex(await plain(500_000, 500_000), /^HTTP\/1\.1 200 [^]*\r\n500000 500000$/);
  t.regex(await plain(1_000_000, 100_000), /^HTTP\/1\.1 431 /);
  const session = await place.session();
  // One field holds 64 KB at most in Node's HTTP/2; together they may be larger.
  const long = 'a'.repeat(60_000);
  const { body } = await ask(session, { ':path': `/?${long}`, 'x-long': long });
  t.is(body, '60000 60000');
});

test('the client chooses HTTP/2 or HTTP/1.1 in its handshake', async (t) => {
  const { socket } = await start(t, () => text('x'));
  t.is((await socket(['h2', 'http/1.1'])).alpnProtocol, 'h2');
  t.is((await socket(['http/1.1'])).alpnProtocol, 'http/1.1');
  const plain = await socket(['http/1.1']);
  plain.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
  t.regex(
    String(
      await new Promise((resolve) => {
        plain.once('data', resolve);
      }),
    ),
    /^HTTP\/1\.1 200 OK/,
  );
});

test('a request arrives whole: path, query, fields, body, certificate', async (t) => {
  const { session, requests } = await start(t, () =>
    text('done', { warning: ['299 - "größer"'], connection: 'keep-alive' }),
  );
  const answer = await ask(
    await session('dora'),
    {
      ':method': 'POST',
      ':path': '/a%20b?x=1&y',
      'content-type': 'application/json',
      'impersonate-group': ['one', 'two, three'],
    },
    '{"a":1}',
  );
  const [request] = requests;
  t.like(request, {
    method: 'POST',
    path: '/a%20b',
    query: 'x=1&y',
    certificate: { commonName: 'dora', organizations: ['testers'] },
    remoteAddress: '127.0.0.1',
  });
  t.is(Buffer.from(request?.body ?? []).toString(), '{"a":1}');
  t.deepEqual(request?.headers['impersonate-group'], ['one', 'two, three']);
  t.regex(String(request?.headers['host']), /^127\.0\.0\.1:\d+$/);
  t.deepEqual(
    [answer.headers[':status'], answer.body, answer.headers['connection'], answer.headers['content-length']],
    [200, 'done', undefined, '4'],
  );
  t.is(Buffer.from(String(answer.headers['warning']), 'latin1').toString(), '299 - "größer"');
});

test('answers in pieces, without a body, and large compressed ones', async (t) => {
  const large = 'x'.repeat(3_000_000);
  const { session } = await start(t, ({ path }) =>
    path === '/pieces'
      ? { status: 200, headers: {}, body: [Buffer.from('ab'), Buffer.from('c')] }
      : path === '/none'
        ? { status: 204, headers: {}, body: Buffer.alloc(0) }
        : text(large),
  );
  const one = await session();
  t.is((await ask(one, { ':path': '/pieces' })).body, 'abc');
  t.is((await ask(one, { ':path': '/none' })).headers[':status'], 204);
  t.is((await ask(one, { ':path': '/large' })).body.length, large.length);
  t.is((await ask(one, { ':path': '/large', 'accept-encoding': 'gzip' })).headers['content-encoding'], 'gzip');
  t.deepEqual(
    [
      (await ask(one, { ':method': 'HEAD', ':path': '/pieces' })).body,
      (await ask(one, { ':method': 'HEAD', ':path': '/pieces' })).headers['content-length'],
    ],
    ['', '3'],
  );
});

test('a body over the limit is refused, not kept', async (t) => {
  const { session, requests } = await start(t, ({ bodyTooLarge }) => ({
    ...text(''),
    status: bodyTooLarge === true ? 413 : 200,
  }));
  t.is(
    (await ask(await session(), { ':method': 'POST', ':path': '/' }, Buffer.alloc(limits.requestBytesMax + 1))).headers[
      ':status'
    ],
    413,
  );
  t.is(requests[0]?.body.byteLength, 0);
});

test('requests of one connection are worked on at the same time, and answered as they are ready', async (t) => {
  const waiting = new Map<string, () => void>();
  const { session } = await start(
    t,
    ({ path }) =>
      new Promise((resolve) => {
        waiting.set(path, () => {
          resolve(text(path));
        });
      }),
  );
  const one = await session();
  const slow = ask(one, { ':path': '/slow' });
  const fast = ask(one, { ':path': '/fast' });
  while (waiting.size < 2) await turn();
  waiting.get('/fast')?.();
  t.is((await fast).body, '/fast');
  waiting.get('/slow')?.();
  t.is((await slow).body, '/slow');
});

test('a stream lasts until its reader goes away', async (t) => {
  const sinks: BodySink[] = [];
  const { session } = await start(t, () => ({
    status: 200,
    headers: {},
    body: (sink) => {
      sinks.push(sink);
    },
  }));
  const stream = (await session()).request({ ':path': '/watch' });
  await new Promise((resolve) => {
    stream.once('response', resolve);
  });
  const [sink] = sinks;
  t.is(sink?.write(Buffer.from('one\n')), true);
  t.is(
    String(
      await new Promise((resolve) => {
        stream.once('data', resolve);
      }),
    ),
    'one\n',
  );
  const closed = new Promise<void>((resolve) => {
    sink?.onClose(resolve);
  });
  stream.close(constants.NGHTTP2_CANCEL);
  await closed;
  t.is(sink?.write(Buffer.from('two\n')), false);
});

/** A frame of RFC 9113 section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const greeting = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]);
/** HEADERS of a POST, in the static table's terms of RFC 7541. */
const posting = (stream: number, path: string, ends: boolean): Buffer =>
  frame(
    1,
    ends ? 5 : 4,
    stream,
    Buffer.concat([
      Buffer.from([0x83, 0x87, 0x04, path.length]),
      Buffer.from(path),
      Buffer.from([0x01, 1]),
      Buffer.from('a'),
    ]),
  );
const data = (stream: number, body: string, ends: boolean): Buffer => frame(0, ends ? 1 : 0, stream, Buffer.from(body));
const reset = (stream: number): Buffer => frame(3, 0, stream, Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]));

test('a request that is given up half way is not carried out', async (t) => {
  const { socket, requests } = await start(t, () => text(''));
  const wire = await socket(['h2']);
  const answered = new Promise((resolve) => {
    wire.on('data', (bytes: Buffer) => {
      if (bytes.includes(Buffer.from([0, 0, 0, 3]))) resolve(undefined);
    });
  });
  wire.write(
    Buffer.concat([
      greeting,
      posting(1, '/half', false),
      data(1, '{"a":1}', false),
      reset(1),
      posting(3, '/next', false),
      data(3, '{}', true),
    ]),
  );
  await answered;
  t.deepEqual(
    requests.map(({ path }) => path),
    ['/next'],
  );
});

test('no more streams at a time than upstream allows', async (t) => {
  const { session } = await start(t, () => text(''));
  t.is((await session()).remoteSettings.maxConcurrentStreams, 250);
});

test('a connection that opens and resets streams without end is cut off', async (t) => {
  const { socket, requests } = await start(t, () => new Promise(() => undefined));
  const wire = await socket(['h2']);
  const gone = new Promise((resolve) => {
    wire.once('close', resolve);
  });
  wire.resume();
  wire.write(greeting);
  for (let stream = 1; stream < 10_000; stream += 2)
    wire.write(Buffer.concat([posting(stream, '/', true), reset(stream)]));
  await gone;
  t.true(requests.length <= 2 * limits.streamsPerConnectionMax, String(requests.length));
});

test('whoever does not begin, does not end a request, or asks for nothing any more is given up', async (t) => {
  const { socket, session, time, requests } = await start(t, () => text(''));
  const silent = await socket(['h2']);
  const silentGone = new Promise((resolve) => {
    silent.once('close', resolve);
  });
  silent.resume();
  const one = await session();
  const half = one.request({ ':method': 'POST', ':path': '/' });
  half.on('error', () => undefined);
  const halfGone = new Promise((resolve) => {
    half.once('close', resolve);
  });
  half.write('{');
  await ask(one, { ':path': '/' });
  await time.run(20_000);
  await silentGone;
  t.false(half.destroyed);
  await time.run(60_000);
  await halfGone;
  t.is(requests.length, 1);
  const idleGone = new Promise((resolve) => {
    one.once('close', resolve);
  });
  await time.run(130_000);
  await idleGone;
  t.pass();
});

test('TLS 1.2 is spoken with authenticated encryption alone: suites in CBC mode are refused', async (t) => {
  const { socket } = await start(t, () => ({ status: 200, headers: {}, body: new Uint8Array() }));
  const old = { maxVersion: 'TLSv1.2' } as const;
  const spoken = await socket(['http/1.1'], { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
  t.is(spoken.getCipher().name, 'ECDHE-ECDSA-AES128-GCM-SHA256');
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384'])
    await t.throwsAsync(socket(['http/1.1'], { ...old, ciphers }), { message: /handshake failure/ });
});

test('connections of clients whose authority is dropped end, with what they watch; others go on', async (t) => {
  const { session, time, changeAuthority, requests } = await start(t, ({ path }) => ({
    status: 200,
    headers: {},
    body:
      path === '/watch'
        ? (sink) => {
            sink.write(Buffer.from('begun'));
          }
        : Buffer.from('ok'),
  }));
  const [known, byToken] = [await session('jane'), await session()];
  const watch = known.request({ ':path': '/watch' });
  const ended = new Promise((resolve) => {
    watch.once('close', resolve);
    watch.resume();
  });
  await ask(byToken, { ':path': '/token' });
  await changeAuthority();
  const closed = new Promise((resolve) => {
    known.once('close', resolve);
  });
  await time.run(6_000);
  await Promise.all([ended, closed]);
  t.is((await ask(byToken, { ':path': '/again' })).body, 'ok');
  await ask(await session('jane'), { ':path': '/new' });
  const shown = (path: string): string | undefined =>
    requests.find((request) => request.path === path)?.certificate?.commonName;
  t.deepEqual([shown('/watch'), shown('/new')], ['jane', undefined]);
});

test('a request that names two hosts is refused, over HTTP/1.1 and over HTTP/2', async (t) => {
  const { session, socket, requests } = await start(t, () => ({ status: 200, headers: {}, body: Buffer.from('ok') }));
  for (const more of ['', 'connection: Upgrade\r\nupgrade: websocket\r\n']) {
    const plain = await socket(['http/1.1']);
    const answer = new Promise<string>((resolve) => {
      plain.once('data', (data: Buffer) => {
        resolve(data.toString('latin1'));
      });
    });
    plain.write(`GET / HTTP/1.1\r\nHost: one\r\nHost: two\r\n${more}\r\n`);
    t.regex(await answer, /^HTTP\/1\.1 400 /);
  }
  const client = await session();
  t.is((await ask(client, { ':path': '/', ':authority': 'one', host: 'another' })).headers[':status'], 400);
  t.deepEqual(requests, []);
  t.is((await ask(client, { ':path': '/' })).headers[':status'], 200);
});
