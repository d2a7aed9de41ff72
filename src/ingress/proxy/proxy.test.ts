import { request as httpRequest } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import test from 'ava';
import { type LogFields, type MetricLabels, silentLogger, silentMetrics } from '../../base/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { fallbackPair } from './certificates.fixture.ts';
import { type IngressProxy, startProxy } from './server.ts';
import { tableTo, proxyTo, pod, deadAddress, ask, raw, echo, echoed, until } from './proxy.fixture.ts';

test('a request reaches the pod with its path, query and body, and the answer comes back unchanged', async (t) => {
  const { address } = await pod(t, (request, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.statusCode = 201;
    echo(request, response);
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const answer = await ask(proxy, {
    method: 'POST',
    path: '/a%20b?x=1&y=%2F',
    body: 'hello',
    headers: { 'content-type': 'text/plain' },
  });
  t.is(answer.status, 201);
  t.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  const seen = echoed(answer);
  t.like(seen, { method: 'POST', url: '/a%20b?x=1&y=%2F', body: 'hello' });
  t.is(seen.headers['host'], 'shop.example.com');
});

test('a chunked body arrives whole, and one with a length keeps it', async (t) => {
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([address]));
  const chunked = echoed(
    await ask(proxy, { method: 'PUT', body: 'in pieces', headers: { 'transfer-encoding': 'chunked' } }),
  );
  t.is(chunked.body, 'in pieces');
  t.is(chunked.headers['transfer-encoding'], 'chunked');
  const sized = echoed(await ask(proxy, { method: 'PUT', body: 'whole', headers: { 'content-length': '5' } }));
  t.is(sized.body, 'whole');
  t.is(sized.headers['content-length'], '5');
});

test('pods hear who the client is from the proxy alone', async (t) => {
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([address]));
  const { headers } = echoed(
    await ask(proxy, {
      headers: {
        'x-forwarded-for': '6.6.6.6',
        'X-Forwarded-Proto': 'https',
        'x-forwarded-prefix': '/evil',
        'x-real-ip': '6.6.6.6',
        forwarded: 'for=6.6.6.6',
        x_forwarded_for: '6.6.6.6',
        'x-original-url': '/admin',
      },
    }),
  );
  t.like(headers, {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example.com',
    'x-forwarded-port': String(proxy.httpPort),
    'x-real-ip': '127.0.0.1',
  });
  for (const name of ['forwarded', 'x_forwarded_for', 'x-forwarded-prefix', 'x-original-url'])
    t.is(headers[name], undefined, name);
});

test('fields that are about one connection are not passed on, in either direction', async (t) => {
  const { address } = await pod(t, (request, response) => {
    response.setHeader('Connection', 'keep-alive, X-Pod-Hop');
    response.setHeader('X-Pod-Hop', '1');
    response.setHeader('X-Kept', '1');
    echo(request, response);
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const answer = await ask(proxy, {
    headers: {
      connection: 'close, X-Hop, Authorization',
      'x-hop': '1',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      authorization: 'Bearer y',
      'keep-alive': 'timeout=9',
    },
  });
  const { headers } = echoed(answer);
  for (const name of ['x-hop', 'te', 'proxy-authorization', 'keep-alive']) t.is(headers[name], undefined, name);
  t.is(headers['authorization'], 'Bearer y');
  t.is(answer.headers['x-pod-hop'], undefined);
  t.is(answer.headers['x-kept'], '1');
});

test('unknown hosts and paths are answered 404, backends without endpoints 503, dead ones 502', async (t) => {
  const proxy = await proxyTo(
    t,
    tableTo([await deadAddress()], {
      hosts: [
        { host: 'shop.example.com', exact: { '/dead': 'default/web:80', '/none': 'default/none:80' }, prefixes: {} },
      ],
    }),
  );
  const dead = await ask(proxy, { path: '/dead' });
  t.is(dead.status, 502);
  t.is(dead.text, '502 Bad Gateway\n', 'clients learn no address of a pod');
  t.is((await ask(proxy, { path: '/none' })).status, 503);
  const missing = await ask(proxy, { path: '/other' });
  t.is(missing.status, 404);
  t.is(missing.text, '404 Not Found: no ingress serves this host and path\n');
  t.is((await ask(proxy, { headers: { host: 'other.example.com' } })).status, 404);
});

test('a pod that takes no connection is passed over, whatever the method, and avoided for a while', async (t) => {
  const { address } = await pod(t, echo);
  const retries: MetricLabels[] = [];
  const metrics = {
    ...silentMetrics,
    count: (name: string, labels?: MetricLabels) => {
      if (name === 'troupe_ingress_retries_total' && labels !== undefined) retries.push(labels);
    },
  };
  const proxy = await proxyTo(t, tableTo([await deadAddress(), address]), {
    ports: { metrics },
    options: { times: { avoidMs: 60_000 } },
  });
  for (let i = 0; i < 10; i++) {
    const answer = await ask(proxy, { method: 'POST', body: `body ${i}` });
    t.is(answer.status, 200);
    t.is(echoed(answer).body, `body ${i}`);
  }
  t.deepEqual(retries, [{ namespace: 'default', service: 'web' }]);
});

test('a pod dies over a request: a repeatable one goes elsewhere, another is answered 502', async (t) => {
  let died = 0;
  const dying = await pod(t, (request) => {
    died += 1;
    request.socket.destroy();
  });
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([dying.address, address]));
  for (let i = 0; i < 4; i++) t.is((await ask(proxy)).status, 200);
  t.true(died > 0);
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await ask(proxy, { method: 'POST', body: 'once' })).status);
  t.deepEqual([...new Set(statuses)].sort(), [200, 502]);
});

test('a pod that says nothing is given up with 504', async (t) => {
  const { address } = await pod(t, () => undefined);
  const proxy = await proxyTo(t, tableTo([address]), { options: { times: { silenceMs: 100 } } });
  t.is((await ask(proxy)).status, 504);
});

test('an answer that breaks off is broken off for the client too', async (t) => {
  const { address } = await pod(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => {
      response.destroy();
    }, 20);
  });
  const proxy = await proxyTo(t, tableTo([address]));
  await t.throwsAsync(ask(proxy), { code: 'ECONNRESET' });
});

test('an answer that cannot be passed on is 502, and the proxy goes on', async (t) => {
  const odd = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      socket.end(
        `HTTP/1.1 200 ${data.toString().startsWith('GET /odd') ? 'O\x01K' : 'OK'}\r\n` +
          'Content-Type: a/a\r\nContent-Type: b/b\r\nContent-Length: 2\r\n\r\nok',
      );
    });
  });
  await new Promise<void>((resolve) => {
    odd.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    odd.close();
  });
  const proxy = await proxyTo(t, tableTo([`127.0.0.1:${(odd.address() as AddressInfo).port}`]));
  t.is((await ask(proxy, { path: '/odd' })).status, 502);
  t.is((await ask(proxy)).status, 200);
  const session = connectHttp2(`https://127.0.0.1:${proxy.httpsPort}`, { rejectUnauthorized: false });
  t.teardown(() => {
    session.destroy();
  });
  const stream = session.request({ ':path': '/', ':authority': 'shop.example.com' });
  t.is(
    await new Promise((resolve) => {
      stream.on('response', (headers) => {
        resolve(headers[':status']);
      });
    }),
    502,
  );
});

test("a client that leaves ends the pod's work", async (t) => {
  const gone = Promise.withResolvers<void>();
  const { address } = await pod(t, (request, response) => {
    response.write('begun');
    request.socket.once('close', () => {
      gone.resolve();
    });
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const call = httpRequest(
    { host: '127.0.0.1', port: proxy.httpPort, headers: { host: 'shop.example.com' } },
    (answer) => {
      answer.once('data', () => {
        call.destroy();
      });
      answer.on('error', () => undefined);
    },
  );
  call.on('error', () => undefined);
  call.end();
  await gone.promise;
  t.pass();
});

test('a body of many megabytes waits for a slow reader instead of piling up', async (t) => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const chunks = 1_600;
  let written = 0;
  const { address } = await pod(t, (_request, response) => {
    const more = (): void => {
      while (written < chunks) {
        written += 1;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const received = await new Promise<number>((resolve, reject) => {
    const call = httpRequest(
      { host: '127.0.0.1', port: proxy.httpPort, headers: { host: 'shop.example.com' } },
      (answer) => {
        // Nothing is read for a while: what the sockets do not hold is not asked of the pod.
        setTimeout(() => {
          t.true(written < chunks / 2, `${written} of ${chunks} pieces`);
          let bytes = 0;
          answer
            .on('data', (piece: Buffer) => {
              bytes += piece.byteLength;
            })
            .on('end', () => {
              resolve(bytes);
            });
        }, 300);
      },
    );
    call.on('error', reject);
    call.end();
  });
  t.is(received, chunks * chunk.byteLength);
});

test('requests that could be read in two ways are refused', async (t) => {
  let reached = 0;
  const { address } = await pod(t, (request, response) => {
    reached += 1;
    echo(request, response);
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const status = async (text: string): Promise<string> =>
    /^HTTP\/1\.1 (\d+)/.exec(await raw(proxy.httpPort, text))?.[1] ?? 'none';
  const host = 'Host: shop.example.com\r\nConnection: close\r\n';
  t.is(
    await status(`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    '400',
  );
  t.is(await status(`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`), '400');
  t.is(await status(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`), '501');
  t.is(await status(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`), '501');
  t.is(await status(`GET / HTTP/1.1\r\n${host}X-Folded: a\r\n b\r\n\r\n`), '400');
  t.is(await status(`GET / HTTP/1.1\r\n${host}Host: other.example.com\r\n\r\n`), '400');
  t.is(await status('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), '400');
  t.is(await status(`GET / HTTP/1.1\r\nHost: shop.example.com/x\r\nConnection: close\r\n\r\n`), '400');
  t.is(await status(`GET /public/../admin HTTP/1.1\r\n${host}\r\n`), '400');
  t.is(await status(`GET /public/%2e%2E/admin HTTP/1.1\r\n${host}\r\n`), '400');
  t.is(await status(`TRACE / HTTP/1.1\r\n${host}\r\n`), '405');
  t.is(await status(`GET / HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(40_000)}\r\n\r\n`), '431');
  t.is(reached, 0);
});

test('the target of a request may be a whole URL, whose host counts', async (t) => {
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([address]));
  const answer = await raw(
    proxy.httpPort,
    'GET http://shop.example.com/x?y HTTP/1.1\r\nHost: other.example.com\r\nConnection: close\r\n\r\n',
  );
  t.regex(answer, /"url":"\/x\?y","headers":\{"host":"shop.example.com"/);
});

test('what asks for HTTP/2 without TLS is answered in HTTP/1.1', async (t) => {
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([address]));
  const answer = await ask(proxy, {
    headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'x' },
  });
  t.is(answer.status, 200);
  t.is(echoed(answer).headers['upgrade'], undefined);
});

test("a client that leaves within its request's body ends it for the pod", async (t) => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<boolean>();
  const { address } = await pod(t, (request, response) => {
    response.writeHead(200, { 'content-length': '2' });
    response.end('ok');
    request
      .once('data', () => {
        begun.resolve();
      })
      .on('error', () => undefined);
    request.socket.once('close', () => {
      ended.resolve(request.complete);
    });
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const socket = connect(proxy.httpPort, '127.0.0.1', () => {
    socket.write('POST / HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 100\r\n\r\nhalf');
  });
  await begun.promise;
  socket.destroy();
  t.false(await ended.promise);
});

test('an answer that falls silent is broken off, over HTTP/2 too', async (t) => {
  const { address } = await pod(t, (_request, response) => {
    response.write('begun');
  });
  const proxy = await proxyTo(t, tableTo([address]), { options: { times: { silenceMs: 1_500 } } });
  await t.throwsAsync(ask(proxy), { code: 'ECONNRESET' });
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

test('connections to pods are used again, and those to a pod that leaves end with their last answer', async (t) => {
  const open = new Set<Socket>();
  const release = Promise.withResolvers<void>();
  const leaving = await pod(t, (request, response) => {
    void (request.url === '/slow' ? release.promise : Promise.resolve()).then(() => {
      response.end('leaving');
    });
  });
  leaving.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
    });
  });
  const staying = await pod(t, (_request, response) => {
    response.end('staying');
  });
  const proxy = await proxyTo(t, tableTo([leaving.address]));
  for (let i = 0; i < 5; i++) await ask(proxy);
  t.is(open.size, 1);
  const slow = ask(proxy, { path: '/slow' });
  await ask(proxy);
  t.is(open.size, 2);
  proxy.apply(tableTo([staying.address]));
  t.is((await ask(proxy)).text, 'staying');
  await until(() => open.size === 1);
  release.resolve();
  t.is((await slow).text, 'leaving');
  await until(() => open.size === 0);
});

test('a proxy that ends finishes open requests and takes no more', async (t) => {
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const { address } = await pod(t, (_request, response) => {
    asked.resolve();
    void release.promise.then(() => {
      response.end('done');
    });
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const slow = ask(proxy);
  await asked.promise;
  const closed = proxy.close();
  await t.throwsAsync(ask(proxy), { code: 'ECONNREFUSED' });
  release.resolve();
  t.is((await slow).text, 'done');
  await closed;
});

test('a port that is taken is said with its code, and the other one is let go', async (t) => {
  const taken = createTcpServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    taken.close();
  });
  const { port } = taken.address() as AddressInfo;
  const free = Number((await deadAddress()).split(':')[1]);
  const start = (httpPort: number, httpsPort: number): Promise<IngressProxy> =>
    startProxy(
      { clock: systemClock, timers: systemTimers, log: silentLogger, metrics: silentMetrics },
      { host: '127.0.0.1', httpPort, httpsPort, fallback: fallbackPair },
    );
  await t.throwsAsync(start(free, port), { code: 'EADDRINUSE' });
  const proxy = await start(free, 0);
  t.is(proxy.httpPort, free);
  await proxy.close();
});

test('each exchange is counted by Service and status, and logged where that is wanted', async (t) => {
  const { address } = await pod(t, echo);
  const counted: unknown[] = [];
  const lines: LogFields[] = [];
  const metrics = {
    ...silentMetrics,
    count: (name: string, labels?: MetricLabels) => {
      counted.push([name, labels]);
    },
  };
  const log = {
    ...silentLogger,
    debug: (_message: string, fields?: LogFields) => {
      lines.push(fields ?? {});
    },
  };
  const proxy = await proxyTo(t, tableTo([address]), { ports: { metrics, log }, options: { accessLog: true } });
  await ask(proxy, { path: '/seen?token=1' });
  await ask(proxy, { headers: { host: 'nobody.example.com' } });
  await until(() => lines.length === 2);
  t.deepEqual(counted, [
    ['troupe_ingress_requests_total', { namespace: 'default', service: 'web', code: '200' }],
    ['troupe_ingress_requests_total', { namespace: '', service: '', code: '404' }],
  ]);
  t.like(lines[0], {
    method: 'GET',
    host: 'shop.example.com',
    backend: 'default/web:80',
    status: 200,
    client: '127.0.0.1',
  });
});
