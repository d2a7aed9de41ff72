/** The server's side of a SPDY/3.1 session. */
import type { MessageSocket } from '../request.ts';
import { emptyHeaderWriter, headerReader, uint32 } from './spdy-headers.ts';

/** One stream that the client opened. */
export interface SpdyStream {
  readonly headers: Readonly<Record<string, string>>;
  /** False: too much waits for the reader. */
  send(data: Uint8Array): boolean;
  /** Nothing more comes from this side. */
  finish(): void;
  onData(listener: (data: Uint8Array) => void): void;
  /** The client has nothing more to say, or took the stream back. */
  onEnd(listener: () => void): void;
}

const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const [finFlag, headBytes, frameBytesMax, streamsMax] = [1, 8, 1024 * 1024, 256];

/**
 * The server's side of a SPDY/3.1 session, as far as Kubernetes' streams need it: the client opens streams, both send
 * data and say when they are done. Flow control is the connection's own, as in the clients' library. Frames come over
 * any byte socket.
 */
export class SpdySession {
  readonly #socket: MessageSocket;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #streams = new Map<number, Stream>();
  readonly #readHeaders = headerReader();
  readonly #writeHeaders = emptyHeaderWriter();
  #bytes = Buffer.alloc(0);
  #order: Promise<void> = Promise.resolve();

  constructor(socket: MessageSocket, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket;
    this.#onStream = onStream;
    socket.onMessage((data) => {
      this.#receive(data);
    });
    socket.onClose(() => {
      for (const stream of this.#streams.values()) stream.ended();
    });
  }

  /** Lets go of the connection once what was sent is on its way. */
  close(): void {
    this.#socket.send(controlFrame(frameTypes.goAway, 0, Buffer.alloc(8)));
    this.#socket.close(1000, '');
  }

  #receive(data: Uint8Array): void {
    this.#bytes = this.#bytes.byteLength === 0 ? Buffer.from(data) : Buffer.concat([this.#bytes, data]);
    while (this.#bytes.byteLength >= headBytes) {
      const length = this.#bytes.readUIntBE(5, 3);
      if (length > frameBytesMax) {
        this.#socket.close(1002, 'a frame is too long');
        return;
      }
      if (this.#bytes.byteLength < headBytes + length) return;
      const frame = this.#bytes.subarray(0, headBytes + length);
      this.#bytes = this.#bytes.subarray(headBytes + length);
      // Headers are decompressed in turn, and data must not overtake them.
      this.#order = this.#order
        .then(() => this.#handle(frame))
        .catch(() => {
          this.#socket.close(1002, 'a frame is malformed');
        });
    }
  }

  async #handle(frame: Buffer): Promise<void> {
    const first = frame.readUInt32BE(0);
    const payload = frame.subarray(headBytes);
    const fin = ((frame[4] ?? 0) & finFlag) !== 0;
    if (first < 0x8000_0000) {
      const stream = this.#streams.get(first);
      if (payload.byteLength > 0) stream?.received(payload);
      if (fin) stream?.ended();
      return;
    }
    const type = first & 0xffff;
    if (type === frameTypes.synStream) await this.#opened(payload, fin);
    else if (type === frameTypes.ping) this.#socket.send(controlFrame(frameTypes.ping, 0, payload));
    else if (type === frameTypes.rstStream) {
      const id = payload.readUInt32BE(0);
      this.#streams.get(id)?.ended();
      this.#streams.delete(id);
    }
  }

  async #opened(payload: Buffer, fin: boolean): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fff_ffff;
    const headers = await this.#readHeaders(payload.subarray(10));
    if (this.#streams.size >= streamsMax) {
      this.#socket.send(controlFrame(frameTypes.rstStream, 0, Buffer.concat([uint32(id), uint32(3)])));
      return;
    }
    const stream = new Stream(id, headers, {
      socket: this.#socket,
      forget: () => {
        this.#streams.delete(id);
      },
    });
    this.#streams.set(id, stream);
    this.#socket.send(controlFrame(frameTypes.synReply, 0, Buffer.concat([uint32(id), await this.#writeHeaders()])));
    this.#onStream(stream);
    if (fin) stream.ended();
  }
}

function controlFrame(type: number, flags: number, payload: Uint8Array): Uint8Array {
  return Buffer.concat([
    uint32(0x8003_0000 + type),
    Buffer.from([flags]),
    uint32(payload.byteLength).subarray(1),
    payload,
  ]);
}

class Stream implements SpdyStream {
  readonly headers: Readonly<Record<string, string>>;
  readonly #id: number;
  readonly #ports: { readonly socket: MessageSocket; forget(): void };
  readonly #early: Uint8Array[] = [];
  #data: ((data: Uint8Array) => void) | undefined;
  #end: (() => void) | undefined;
  #clientDone = false;
  #serverDone = false;

  constructor(
    id: number,
    headers: Readonly<Record<string, string>>,
    ports: { readonly socket: MessageSocket; forget(): void },
  ) {
    this.#id = id;
    this.headers = headers;
    this.#ports = ports;
  }

  send(data: Uint8Array): boolean {
    return this.#serverDone || this.#frame(data, 0);
  }

  finish(): void {
    if (this.#serverDone) return;
    this.#frame(new Uint8Array(0), finFlag);
    this.#serverDone = true;
    if (this.#clientDone) this.#ports.forget();
  }

  onData(listener: (data: Uint8Array) => void): void {
    this.#data = listener;
    for (const data of this.#early.splice(0)) listener(data);
  }

  onEnd(listener: () => void): void {
    this.#end = listener;
    if (this.#clientDone) listener();
  }

  received(data: Uint8Array): void {
    if (this.#data === undefined) this.#early.push(data);
    else this.#data(data);
  }

  ended(): void {
    if (this.#clientDone) return;
    this.#clientDone = true;
    this.#end?.();
    if (this.#serverDone) this.#ports.forget();
  }

  #frame(data: Uint8Array, flags: number): boolean {
    return this.#ports.socket.send(
      Buffer.concat([uint32(this.#id), Buffer.from([flags]), uint32(data.byteLength).subarray(1), data]),
    );
  }
}
