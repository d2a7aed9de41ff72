import { type IncomingMessage } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import test from 'ava';
import { authority, shopPair, wildcardPair } from './certificates.fixture.ts';
import { tableTo, proxyTo, pod, type Answer, read, echo, echoed, handshake } from './proxy.fixture.ts';

test('certificates follow the name that the client asks for, and change without a restart', async (t) => {
  const certificates = [
    { host: 'shop.example.com', ...shopPair },
    { host: '*.apps.example.com', ...wildcardPair },
  ];
  const proxy = await proxyTo(t, tableTo([], { certificates }));
  t.deepEqual(await handshake(proxy, 'SHOP.example.com'), { names: 'DNS:shop.example.com', protocol: 'h2' });
  t.is((await handshake(proxy, 'one.apps.example.com')).names, 'DNS:*.apps.example.com');
  t.is((await handshake(proxy, 'one.two.apps.example.com')).names, 'DNS:fallback.invalid');
  t.is((await handshake(proxy, 'other.example.com')).names, 'DNS:fallback.invalid');
  proxy.apply(tableTo([], { certificates: [{ host: 'shop.example.com', ...wildcardPair }] }));
  t.is((await handshake(proxy, 'shop.example.com')).names, 'DNS:*.apps.example.com');
});

test('suites of TLS 1.2 in CBC mode are refused, for named and other hosts', async (t) => {
  const proxy = await proxyTo(t, tableTo([], { certificates: [{ host: 'shop.example.com', ...shopPair }] }));
  const suites = (ciphers: string) => ({ maxVersion: 'TLSv1.2', ciphers }) as const;
  for (const name of ['shop.example.com', 'other.example.com']) {
    const cbc = suites('ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA');
    await t.throwsAsync(handshake(proxy, name, cbc), { message: /handshake failure/ });
    const gcm = suites('ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256');
    t.is((await handshake(proxy, name, gcm)).protocol, 'h2');
  }
});

test('HTTPS carries HTTP/1.1 to the same pods, and tells them so', async (t) => {
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([address], { certificates: [{ host: 'shop.example.com', ...shopPair }] }));
  const answer = await new Promise<Answer>((resolve, reject) => {
    httpsRequest(
      {
        host: '127.0.0.1',
        port: proxy.httpsPort,
        servername: 'shop.example.com',
        ca: authority,
        agent: false,
        headers: { host: 'shop.example.com' },
      },
      (got) => {
        read(got).then(resolve, reject);
      },
    )
      .on('error', reject)
      .end();
  });
  t.like(echoed(answer).headers, { 'x-forwarded-proto': 'https', 'x-forwarded-port': String(proxy.httpsPort) });
});

test('HTTP/2 carries many requests over one connection, bodies and refusals among them', async (t) => {
  const { address } = await pod(t, (request, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.setHeader('Connection', 'close');
    echo(request, response);
  });
  const proxy = await proxyTo(t, tableTo([address], { certificates: [{ host: 'shop.example.com', ...shopPair }] }));
  const session = connectHttp2(`https://127.0.0.1:${proxy.httpsPort}`, {
    servername: 'shop.example.com',
    ca: authority,
  });
  t.teardown(() => {
    session.destroy();
  });
  const call = (path: string, body?: string, more: Record<string, string | string[]> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const stream = session.request(
        { ':method': body === undefined ? 'GET' : 'POST', ':path': path, ':authority': 'shop.example.com', ...more },
        { endStream: body === undefined },
      );
      let text = '';
      let head: Record<string, unknown> = {};
      stream
        .setEncoding('utf8')
        .on('response', (headers) => {
          head = headers;
        })
        .on('data', (piece: string) => {
          text += piece;
        })
        .on('error', reject)
        .on('end', () => {
          resolve({ status: Number(head[':status']), headers: head as IncomingMessage['headers'], raw: [], text });
        });
      if (body !== undefined) stream.end(body);
    });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      call(`/${i}`, i % 2 === 0 ? undefined : `body ${i}`, { cookie: ['a=1', 'b=2'] }),
    ),
  );
  t.deepEqual(
    answers.map(({ status }) => status),
    Array.from({ length: 30 }, () => 200),
  );
  t.deepEqual(
    answers.map((answer) => echoed(answer).body),
    Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? '' : `body ${i}`)),
  );
  const first = echoed(answers[0] ?? { status: 0, headers: {}, raw: [], text: '{}' });
  t.like(first.headers, { host: 'shop.example.com', cookie: 'a=1; b=2', 'x-forwarded-proto': 'https' });
  t.deepEqual(answers[0]?.headers['set-cookie'], ['a=1', 'b=2']);
  t.is((await call('/x/../y')).status, 400);
  t.is((await call('/', undefined, { ':authority': 'nobody.example.com' })).status, 404);
  t.is((await call('/', undefined, { host: 'other.example.com' })).status, 400);
});

test('an HTTP/2 answer that breaks off ends its stream with an error', async (t) => {
  const { address } = await pod(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => {
      response.destroy();
    }, 20);
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const session = connectHttp2(`https://127.0.0.1:${proxy.httpsPort}`, { rejectUnauthorized: false });
  t.teardown(() => {
    session.destroy();
  });
  const stream = session.request({ ':path': '/', ':authority': 'shop.example.com' });
  const code = await new Promise((resolve) => {
    stream
      .on('error', () => undefined)
      .on('data', () => undefined)
      .on('close', () => {
        resolve(stream.rstCode);
      });
  });
  t.is(code, constants.NGHTTP2_INTERNAL_ERROR);
});

/** Answers an upgrade with 101 and then says back what it hears. */
