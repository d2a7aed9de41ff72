import { createServer, type IncomingHttpHeaders, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import type { ApiHandler } from '../handler.ts';
import { httpExchange } from './proxy-client.ts';
import { ClientCertificates } from './client-certificate.ts';
import { upgradeListener } from './websocket.ts';

const listening = (t: ExecutionContext, server: Server): Promise<number> =>
  new Promise((resolve) => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
    });
    t.teardown(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

interface Place {
  /** Where clients connect; their requests are passed on to the backend. */
  readonly port: number;
  readonly seen: { url: string | undefined; headers: IncomingHttpHeaders }[];
}

async function start(t: ExecutionContext): Promise<Place> {
  const seen: Place['seen'] = [];
  const backend = createServer((_incoming, outgoing) => {
    outgoing.writeHead(403, { 'content-type': 'text/plain' }).end('not you');
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (protocols) => [...protocols][0] ?? false });
  backend.on('upgrade', (incoming, socket: Duplex, head) => {
    seen.push({ url: incoming.url, headers: incoming.headers });
    if (incoming.url?.startsWith('/refused') === true) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 7\r\n\r\nnot you');
    } else if (incoming.headers.upgrade === 'websocket') {
      sockets.handleUpgrade(incoming, socket, head, (connection) => {
        connection.send('hello');
        connection.on('message', (data: Buffer, binary) => {
          connection.send(data, { binary });
        });
      });
    } else {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: SPDY/3.1\r\nconnection: Upgrade\r\n' +
          'x-stream-protocol-version: v4.channel.k8s.io\r\n\r\nfirst',
      );
      socket.on('data', (data: Buffer) => {
        socket.write(data);
      });
    }
  });
  const backendPort = await listening(t, backend);
  const handler: ApiHandler = (request) =>
    httpExchange({
      scheme: 'http',
      host: '127.0.0.1',
      port: backendPort,
      method: request.method,
      path: `${request.path}?${request.query}`,
      headers: { ...request.headers, 'x-remote-user': 'dora' },
      body: request.body,
      ...(request.upgrade === undefined ? {} : { upgrade: request.upgrade }),
    });
  const door = createServer();
  door.on('upgrade', upgradeListener(handler, new ClientCertificates()));
  return { port: await listening(t, door), seen };
}

const once = <T>(subscribe: (resolve: (value: T) => void) => unknown): Promise<T> =>
  new Promise((resolve) => {
    subscribe(resolve);
  });

test('a WebSocket goes on to the backend: protocol, texts and bytes both ways, and its end', async (t) => {
  const { port, seen } = await start(t);
  const client = new WebSocket(
    `ws://127.0.0.1:${port}/a/b?x=1`,
    ['base64url.bearer.authorization.k8s.io.c2VjcmV0', 'v5.channel.k8s.io'],
    { headers: { authorization: 'Bearer secret', 'x-own': 'kept' } },
  );
  t.is(
    await once<string>((resolve) =>
      client.once('message', (data: Buffer) => {
        resolve(String(data));
      }),
    ),
    'hello',
  );
  t.is(client.protocol, 'v5.channel.k8s.io');
  t.like(seen[0], {
    url: '/a/b?x=1',
    headers: {
      'x-remote-user': 'dora',
      'x-own': 'kept',
      authorization: undefined,
      'sec-websocket-protocol': 'v5.channel.k8s.io',
    },
  });
  for (const [data, binary] of [
    [Buffer.from('grüße'), false],
    [Buffer.from([0, 255, 1]), true],
  ] as const) {
    const back = once<[Buffer, boolean]>((resolve) =>
      client.once('message', (answer: Buffer, isBinary) => {
        resolve([answer, isBinary]);
      }),
    );
    client.send(data, { binary });
    t.deepEqual(await back, [data, binary]);
  }
  const closed = once<number>((resolve) => client.once('close', resolve));
  client.close(1000);
  t.is(await closed, 1000);
});

test("a refusal of the backend is the client's answer", async (t) => {
  const { port } = await start(t);
  const client = new WebSocket(`ws://127.0.0.1:${port}/refused`);
  t.is(
    await once<number | undefined>((resolve) =>
      client.once('unexpected-response', (_request, answer) => {
        resolve(answer.statusCode);
      }),
    ),
    403,
  );
});

test('another protocol is bytes both ways', async (t) => {
  const { port } = await start(t);
  const call = httpRequest({
    host: '127.0.0.1',
    port,
    path: '/exec',
    headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
  });
  const [version, socket, head] = await once<[unknown, Duplex, Buffer]>((resolve) => {
    call
      .once('upgrade', (answer, own, first) => {
        resolve([answer.headers['x-stream-protocol-version'], own, first]);
      })
      .end();
  });
  t.is(version, 'v4.channel.k8s.io');
  let text = String(head);
  socket.on('data', (data: Buffer) => {
    text += String(data);
  });
  socket.write('second');
  while (text !== 'firstsecond')
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  t.is(text, 'firstsecond');
});
