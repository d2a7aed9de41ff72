import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { tableTo, proxyTo, type Pod, pod, raw, echo } from './proxy.fixture.ts';

async function echoingUpgrade(t: ExecutionContext): Promise<Pod> {
  const one = await pod(t, echo);
  one.server.on('upgrade', (request, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n` +
        `X-Seen: ${request.headers['x-forwarded-for']}\r\n\r\n`,
    );
    if (head.byteLength > 0) socket.write(head);
    socket.pipe(socket);
  });
  return one;
}

test('a WebSocket goes through, over HTTP and HTTPS, with the bytes that came with the handshake', async (t) => {
  const { address } = await echoingUpgrade(t);
  const proxy = await proxyTo(t, tableTo([address]));
  const sockets = [
    connect(proxy.httpPort, '127.0.0.1'),
    connectTls({ host: '127.0.0.1', port: proxy.httpsPort, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }),
  ];
  for (const socket of sockets) {
    let seen = '';
    const until = (pattern: RegExp): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (pattern.test(seen)) {
            socket.off('data', look);
            resolve();
          }
        };
        socket.on('data', look);
        look();
      });
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      seen += piece;
    });
    socket.write(
      'GET /chat HTTP/1.1\r\nHost: shop.example.com\r\nConnection: keep-alive, Upgrade\r\n' +
        'Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\nearly',
    );
    await until(/early$/);
    t.regex(seen, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    t.regex(seen, /X-Seen: 127\.0\.0\.1\r\n/);
    socket.write(' late');
    await until(/early late$/);
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.end();
    await closed;
  }
});

test('an upgrade that the pod refuses is answered with its refusal; one that nothing serves with 404', async (t) => {
  const { address } = await pod(t, (_request, response) => {
    response.statusCode = 403;
    response.end('no');
  });
  const proxy = await proxyTo(t, tableTo([address]));
  const upgrade = (host: string): Promise<string> =>
    raw(proxy.httpPort, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  const refused = await upgrade('shop.example.com');
  t.regex(refused, /^HTTP\/1\.1 403 /);
  t.regex(refused, /no/);
  t.regex(await upgrade('nobody.example.com'), /^HTTP\/1\.1 404 /);
});

test('an upgrade with a body is refused: the pod would take what follows on its connection for it', async (t) => {
  const { address } = await pod(t, echo);
  const proxy = await proxyTo(t, tableTo([address]));
  t.regex(
    await raw(
      proxy.httpPort,
      'POST / HTTP/1.1\r\nHost: shop.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Content-Length: 5\r\n\r\nhello',
    ),
    /^HTTP\/1\.1 400 /,
  );
  t.regex(
    await raw(
      proxy.httpPort,
      'POST / HTTP/1.1\r\nHost: shop.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
    /^HTTP\/1\.1 400 /,
  );
});
