/** The client's side of a SPDY/3.1 session, which CRI runtimes speak for exec and attach. */
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { constants, createDeflate } from 'node:zlib';
import { RuntimeError } from '../runtime.ts';

/** What comes on one stream. */
interface StreamEars {
  readonly data: (data: Uint8Array) => void;
  readonly end: () => void;
}

interface SpdyStream {
  /** Resolves when more may be sent. */
  send(data: Uint8Array): Promise<void>;
  /** Nothing more comes from this side. */
  finish(): void;
}

export interface SpdyClient {
  /** Opens a stream; after the session's end it is told as ended. */
  open(headers: Readonly<Record<string, string>>, ears: StreamEars): Promise<SpdyStream>;
  /** Nothing more is read until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}

const [synStream, synReply, rstStream, ping, goAway] = [1, 2, 3, 6, 7];
const [finFlag, headBytes, frameBytesMax] = [1, 8, 1024 * 1024];
/** How a runtime ends a stream of exec: with a metav1.Status that has the exit code. */
const protocol = 'v4.channel.k8s.io';
const answerMs = 10_000;

/** Opens a session at a URL that the runtime gave. Rejects with RuntimeError. */
export function spdyClient(url: string): Promise<SpdyClient> {
  return new Promise((resolve, reject) => {
    const failed = (text: string, cause?: unknown): void => {
      reject(new RuntimeError('unreachable', `the container runtime's streams at ${url}: ${text}`, cause));
    };
    const call = request(url, {
      method: 'POST',
      timeout: answerMs,
      headers: { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': protocol },
    });
    call.once('upgrade', (_response, socket: Duplex, head: Buffer) => {
      call.removeAllListeners('timeout');
      resolve(session(socket, head));
    });
    call.once('response', (response) => {
      response.resume();
      failed(`answered ${response.statusCode}`);
    });
    call.once('timeout', () => {
      call.destroy(new Error(`no answer within ${answerMs / 1000} s`));
    });
    call.once('error', (error) => {
      failed(error.message, error);
    });
    call.end();
  });
}

function session(socket: Duplex, head: Buffer): SpdyClient {
  const streams = new Map<number, StreamEars>();
  const writeHeaders = headerWriter();
  let next = 1;
  let over = false;
  let opening: Promise<unknown> = Promise.resolve();
  const end = (): void => {
    over = true;
    for (const { end: ended } of streams.values()) ended();
    streams.clear();
  };
  const write = (bytes: Uint8Array): Promise<void> =>
    over || !socket.writable
      ? Promise.resolve()
      : new Promise((resolve) => {
          socket.write(bytes, () => {
            resolve();
          });
        });
  const leave = (): void => {
    end();
    socket.destroy();
  };
  const cut = frameCutter((frame) => {
    heard(frame, { streams, write, leave });
  });
  const receive = (data: Uint8Array): void => {
    if (!cut(data)) leave();
  };
  socket.on('data', receive);
  // The ends of the streams tell it.
  socket.on('error', () => undefined);
  socket.on('close', end);
  if (head.byteLength > 0) receive(head);
  return {
    open: (headers, ears) => {
      const id = next;
      next += 2;
      if (over) ears.end();
      else streams.set(id, ears);
      // One compressor has all headers, so they go out in their order.
      const opened = opening.then(async () => {
        const block = await writeHeaders(headers);
        await write(controlFrame(synStream, Buffer.concat([uint32(id), uint32(0), Buffer.alloc(2), block])));
      });
      opening = opened;
      return opened.then(() => ({
        send: (data) => write(dataFrame(id, data, 0)),
        finish: () => {
          void write(dataFrame(id, new Uint8Array(), finFlag));
        },
      }));
    },
    pause: () => {
      socket.pause();
    },
    resume: () => {
      socket.resume();
    },
    close: () => {
      socket.destroy();
    },
  };
}

/** Cuts bytes into frames; false: one is too long to be any. */
function frameCutter(frame: (bytes: Buffer) => void): (data: Uint8Array) => boolean {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = rest.byteLength === 0 ? Buffer.from(data) : Buffer.concat([rest, data]);
    while (rest.byteLength >= headBytes) {
      const length = rest.readUIntBE(5, 3);
      if (length > frameBytesMax) return false;
      if (rest.byteLength < headBytes + length) return true;
      frame(rest.subarray(0, headBytes + length));
      rest = rest.subarray(headBytes + length);
    }
    return true;
  };
}

interface SessionParts {
  readonly streams: Map<number, StreamEars>;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** The server has no more to say. */
  readonly leave: () => void;
}

/** Headers of replies say nothing that is needed, so they are never unpacked. */
function heard(frame: Buffer, { streams, write, leave }: SessionParts): void {
  const first = frame.readUInt32BE(0);
  const payload = frame.subarray(headBytes);
  const fin = ((frame[4] ?? 0) & finFlag) !== 0;
  const ended = (id: number): void => {
    const stream = streams.get(id);
    streams.delete(id);
    stream?.end();
  };
  if (first < 0x8000_0000) {
    if (payload.byteLength > 0) streams.get(first)?.data(payload);
    if (fin) ended(first);
    return;
  }
  const type = first & 0xffff;
  if (type === ping) void write(controlFrame(ping, payload));
  else if ((type === rstStream || (type === synReply && fin)) && payload.byteLength >= 4)
    ended(payload.readUInt32BE(0) & 0x7fff_ffff);
  else if (type === goAway) leave();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const frameOf = (first: number, flags: number, payload: Uint8Array): Uint8Array =>
  Buffer.concat([uint32(first), Buffer.from([flags]), uint32(payload.byteLength).subarray(1), payload]);

const controlFrame = (type: number, payload: Uint8Array): Uint8Array => frameOf(0x8003_0000 + type, 0, payload);
const dataFrame = (id: number, payload: Uint8Array, flags: number): Uint8Array => frameOf(id, flags, payload);

/**
 * Header blocks of a session. The compressor's dictionary, which SPDY has, is not needed for writing: a stream of zlib
 * says whether it refers to one.
 */
function headerWriter(): (headers: Readonly<Record<string, string>>) => Promise<Uint8Array> {
  const deflate = createDeflate({ flush: constants.Z_SYNC_FLUSH });
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
  });
  return (headers) => {
    const text = (value: string): Buffer => Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);
    const entries = Object.entries(headers).flatMap(([name, value]) => [text(name.toLowerCase()), text(value)]);
    return new Promise((resolve) => {
      deflate.write(Buffer.concat([uint32(entries.length / 2), ...entries]), () => {
        resolve(Buffer.concat(chunks.splice(0)));
      });
    });
  };
}
