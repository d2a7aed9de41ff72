import { constants, createDeflate } from 'node:zlib';
import test from 'ava';
import type { MessageSocket } from '../request.ts';
import { uint32 } from './spdy-headers.ts';
import { SpdySession, type SpdyStream } from './spdy-session.ts';

/** Headers are decompressed on another thread: waits for what follows from it, however long that takes. */
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition())
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
};

class FakeSocket implements MessageSocket {
  sent = Buffer.alloc(0);
  closed: number | undefined;
  #message: (data: Uint8Array, binary: boolean) => void = () => undefined;
  send(data: Uint8Array | string): boolean {
    this.sent = Buffer.concat([this.sent, typeof data === 'string' ? Buffer.from(data) : data]);
    return true;
  }
  onMessage(listener: (data: Uint8Array, binary: boolean) => void): void {
    this.#message = listener;
  }
  hold(): void {
    /* never */
  }
  onDrain(): void {
    /* never */
  }
  onClose(): void {
    /* never */
  }
  close(code: number): void {
    this.closed = code;
  }
  client(bytes: Uint8Array): void {
    this.#message(bytes, true);
  }
}

/** A SYN_STREAM whose headers are deflated without the dictionary, which any reader takes. */
async function synStream(id: number, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const pairs = Object.entries(headers).flatMap(([name, value]) => [
    uint32(name.length),
    Buffer.from(name),
    uint32(value.length),
    Buffer.from(value),
  ]);
  const deflate = createDeflate({ flush: constants.Z_SYNC_FLUSH });
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
  });
  await new Promise<void>((resolve) => {
    deflate.write(Buffer.concat([uint32(Object.keys(headers).length), ...pairs]), () => {
      resolve();
    });
  });
  const payload = Buffer.concat([uint32(id), uint32(0), Buffer.alloc(2), ...chunks]);
  return Buffer.concat([uint32(0x8003_0001), Buffer.from([0]), uint32(payload.byteLength).subarray(1), payload]);
}

const dataFrame = (id: number, text: string, fin = false): Buffer =>
  Buffer.concat([uint32(id), Buffer.from([fin ? 1 : 0]), uint32(text.length).subarray(1), Buffer.from(text)]);

test('streams are opened, replied to, fed and ended in order, however the bytes are cut', async (t) => {
  const socket = new FakeSocket();
  const streams: SpdyStream[] = [];
  const got: string[] = [];
  void new SpdySession(socket, (stream) => {
    streams.push(stream);
    stream.onData((data) => {
      got.push(Buffer.from(data).toString());
    });
    stream.onEnd(() => {
      got.push('end');
    });
  });
  const bytes = Buffer.concat([
    await synStream(1, { streamType: 'data', port: '80' }),
    dataFrame(1, 'hello'),
    dataFrame(1, ' you', true),
  ]);
  for (let at = 0; at < bytes.byteLength; at += 7) socket.client(bytes.subarray(at, at + 7));
  await until(() => got.includes('end'));
  t.deepEqual(streams[0]?.headers, { streamtype: 'data', port: '80' });
  t.deepEqual(got, ['hello', ' you', 'end']);
  t.is(socket.sent.readUInt32BE(0), 0x8003_0002);
  const before = socket.sent.byteLength;
  streams[0]?.send(Buffer.from('back'));
  streams[0]?.finish();
  t.deepEqual(socket.sent.subarray(before), Buffer.concat([dataFrame(1, 'back'), dataFrame(1, '', true)]));
});

test('a ping is answered and a malformed frame ends the session', async (t) => {
  const socket = new FakeSocket();
  void new SpdySession(socket, () => undefined);
  const ping = Buffer.concat([uint32(0x8003_0006), Buffer.from([0]), uint32(4).subarray(1), uint32(1)]);
  socket.client(ping);
  await until(() => socket.sent.byteLength > 0);
  t.deepEqual(socket.sent, ping);
  socket.client(Buffer.concat([uint32(0x8003_0001), Buffer.from([0]), uint32(12).subarray(1), Buffer.alloc(12, 0xff)]));
  await until(() => socket.closed !== undefined);
  t.is(socket.closed, 1002);
});
