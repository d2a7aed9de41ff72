import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { MessageSocket } from '../src/api-server/request.ts';
import { startDoor } from '../src/api-server/testing/index.ts';
import { silentLogger } from '../src/base/index.ts';
import { serveStreams } from '../src/node-agent/streams/index.ts';
import { systemTimers } from '../src/platform/index.ts';

/** The client's end of a channel WebSocket. */
class Client implements MessageSocket {
  /** Bytes by channel, without the port's number at their beginning. */
  readonly got = new Map<number, string>();
  closed = false;
  #begun = new Set<number>();
  #message: (data: Uint8Array, binary: boolean) => void = () => undefined;
  #gone: () => void = () => undefined;
  send(data: Uint8Array | string): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    const channel = bytes[0] ?? -1;
    if (this.#begun.has(channel)) this.got.set(channel, (this.got.get(channel) ?? '') + bytes.subarray(1).toString());
    this.#begun.add(channel);
    return true;
  }
  onMessage(listener: (data: Uint8Array, binary: boolean) => void): void {
    this.#message = listener;
  }
  hold(): void {
    // The client sends as it likes.
  }
  onDrain(): void {
    // Never full.
  }
  onClose(listener: () => void): void {
    this.#gone = listener;
  }
  close(): void {
    this.closed = true;
  }
  say(channel: number, text: string): void {
    this.#message(Buffer.from(`${String.fromCharCode(channel)}${text}`, 'latin1'), true);
  }
  finish(channel: number): void {
    this.#message(Uint8Array.of(255, channel), true);
  }
  leave(): void {
    this.#gone();
  }
}

/** A pod of the host's network with a server of the test's behind it. */
async function forwarded(
  t: ExecutionContext,
  serve: (socket: Socket) => void,
  ports = 1,
): Promise<{ readonly client: Client; readonly server: Server }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const door = startDoor();
  door.view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'node-1', uid: 'n' } });
  door.view.put('', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { nodeName: 'node-1', hostNetwork: true, containers: [{ name: 'c' }] },
  });
  const agent = serveStreams({
    bus: door.network.client('agent'),
    runtime: undefined as never,
    view: door.view,
    clock: door.time.clock,
    timers: systemTimers,
    log: silentLogger,
    cluster: 'test',
    node: 'node-1',
    hostIp: '127.0.0.1',
    kubelet: () => Promise.reject(new Error('nobody asks for it')),
  });
  t.teardown(() => {
    agent.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const query = Array.from({ length: ports }, () => `ports=${port}`).join('&');
  const upgrade = { to: 'websocket', protocols: ['v5.channel.k8s.io'] };
  const response = await door.ask('GET', `/api/v1/namespaces/n/pods/p/portforward?${query}`, { upgrade });
  const client = new Client();
  response.upgrade?.run(client);
  return { client, server };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 250 && !holds(); i++) await pause(10);
}

/** What a server hears of its client, to the end. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  for await (const data of socket.iterator({ destroyOnReturn: false })) text += String(data);
  return text;
}

test('a client that sends data and ends its side still hears all that the server says', async (t) => {
  let got = '';
  const { client } = await forwarded(t, (socket) => {
    void heard(socket).then(async (text) => {
      got = text;
      for (let i = 0; i < 10; i++) {
        socket.write('x'.repeat(10));
        await pause(5);
      }
      socket.end();
    });
  });
  client.say(0, 'abc');
  client.finish(0);
  await until(() => client.closed);
  t.deepEqual([got, client.got.get(0), client.got.get(1)], ['abc', 'x'.repeat(100), undefined]);
});

test('a server sees the end of a client that says nothing, and of one that goes', async (t) => {
  for (const leave of [(client: Client) => client.finish(0), (client: Client) => client.leave()]) {
    let got: string | undefined;
    const { client } = await forwarded(t, (socket) => {
      void heard(socket).then((text) => {
        got = text;
        socket.end();
      });
    });
    leave(client);
    await until(() => got !== undefined);
    t.is(got, '');
  }
});

test('what a client sent before it went reaches a server that spoke first', async (t) => {
  let got: string | undefined;
  let failure: unknown;
  const { client } = await forwarded(t, (socket) => {
    socket.write('hello');
    // It is in no hurry to read.
    void pause(200)
      .then(() => heard(socket))
      .then(
        (text) => {
          got = text;
          socket.end();
        },
        (error: unknown) => {
          failure = error;
        },
      );
  });
  const sent = 'y'.repeat(8 * 1024 * 1024);
  client.say(0, sent);
  client.leave();
  await until(() => got !== undefined || failure !== undefined);
  t.deepEqual([failure, got?.length], [undefined, sent.length]);
});

test('a client that went does not hold a server that never ends', async (t) => {
  let ended = false;
  const { client } = await forwarded(t, (socket) => {
    const timer = setInterval(() => socket.write('more'), 5);
    socket.once('close', () => {
      clearInterval(timer);
      ended = true;
    });
  });
  await until(() => client.got.get(0) !== undefined);
  client.leave();
  await until(() => ended);
  t.true(ended);
});

test('a WebSocket for several ports ends when all have ended', async (t) => {
  const { client } = await forwarded(
    t,
    (socket) => {
      socket.end('bye');
    },
    2,
  );
  await until(() => client.closed);
  t.true(client.closed);
  t.deepEqual([client.got.get(0), client.got.get(2)], ['bye', 'bye']);
});
