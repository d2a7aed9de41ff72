import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { inflateSync, constants } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { RuntimeError } from '../runtime.ts';
import { spdyClient } from './spdy-client.ts';

/** A server that answers an upgrade with `head`, and gives what it gets to `heard`. */
async function serve(
  t: ExecutionContext,
  options: { readonly head?: Uint8Array; readonly refuse?: true; readonly heard?: (data: Buffer, to: Duplex) => void },
): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(404).end();
  });
  const open = new Set<Duplex>();
  if (options.refuse !== true)
    server.on('upgrade', (_request, socket) => {
      open.add(socket.on('error', () => undefined));
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
      socket.write(options.head ?? new Uint8Array());
      socket.on('data', (data: Buffer) => options.heard?.(data, socket));
    });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/exec/token`;
}

const frame = (first: number, flags: number, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(first);
  head.writeUInt32BE((flags << 24) + payload.byteLength, 4);
  return Buffer.concat([head, payload]);
};
const number = (value: number): Buffer => frame(value, 0, new Uint8Array()).subarray(0, 4);

test('streams are opened by their headers; data and ends of each are told apart, and pings answered', async (t) => {
  let got = Buffer.alloc(0);
  const ping = frame(0x8003_0006, 0, number(2));
  const url = await serve(t, {
    head: ping,
    heard: (data, socket) => {
      const whole = Buffer.concat([got, data]);
      // Both streams are open once the second one's frame is there.
      if (!got.includes(frame(3, 1, new Uint8Array())) && whole.includes(frame(3, 1, new Uint8Array())))
        for (const part of [
          frame(3, 0, Buffer.from('three')),
          frame(1, 1, Buffer.from('one')),
          frame(3, 1, Buffer.of()),
        ])
          for (const byte of part) socket.write(Buffer.of(byte));
      got = whole;
    },
  });
  const client = await spdyClient(url);
  t.teardown(() => {
    client.close();
  });
  const said: string[] = [];
  const ends: Promise<void>[] = [];
  const ears = (name: string): { data(data: Uint8Array): void; end(): void } => {
    let end = (): void => undefined;
    ends.push(
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    return {
      data: (data) => {
        said.push(`${name} ${Buffer.from(data).toString()}`);
      },
      end,
    };
  };
  await client.open({ streamtype: 'error' }, ears('error'));
  const second = await client.open({ streamtype: 'stdin' }, ears('stdin'));
  await second.send(Buffer.from('input'));
  second.finish();
  await Promise.all(ends);
  t.deepEqual(said, ['stdin three', 'error one']);
  t.true(got.includes(ping));
  t.true(got.includes(frame(3, 0, Buffer.from('input'))));
  // The first frame's headers, which need no dictionary: one pair.
  const opened = got.subarray(got.indexOf(number(0x8003_0001)));
  const block = opened.subarray(18, 8 + opened.readUIntBE(5, 3));
  t.deepEqual(
    inflateSync(block, { finishFlush: constants.Z_SYNC_FLUSH }),
    Buffer.concat([number(1), number(10), Buffer.from('streamtype'), number(5), Buffer.from('error')]),
  );
});

test('a server that leaves, or sends what is no frame, ends every stream', async (t) => {
  for (const head of [frame(0x8003_0007, 0, Buffer.alloc(8)), Buffer.alloc(64, 0xff)]) {
    const url = await serve(t, { head });
    const client = await spdyClient(url);
    await new Promise<void>((resolve) => {
      void client.open({ streamtype: 'error' }, { data: () => undefined, end: resolve });
    });
    client.close();
  }
  t.pass();
});

test('a server that refuses, or is not there, is an error with its place', async (t) => {
  const url = await serve(t, { refuse: true });
  await t.throwsAsync(spdyClient(url), { instanceOf: RuntimeError, message: /\/exec\/token: answered 404/ });
  await t.throwsAsync(spdyClient('http://127.0.0.1:1/x'), { instanceOf: RuntimeError, code: 'unreachable' });
});
