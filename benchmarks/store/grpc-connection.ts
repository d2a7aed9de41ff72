/** A bare HTTP/2 connection for unary gRPC calls to etcd. */
import { connect, type Socket } from 'node:net';

/*
 * The least of HTTP/2 (RFC 9113) and gRPC that unary calls to etcd need, on a bare socket: it costs a fraction of
 * node:http2, so the load generator takes no processor time from the server that it measures. Headers are sent as
 * literals without a table (RFC 7541, 6.2.2).
 */
const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const flags = { endStream: 1, acknowledge: 1, endHeaders: 4 } as const;
const windowBytes = 0x7fff0000;
/** The server's window for us is refilled in large steps; so much may be on its way at once. */
const headBytes = 9;

function frame(type: number, flag: number, place: { readonly stream: number; readonly payload: Uint8Array }): Buffer {
  const { stream, payload } = place;
  const bytes = Buffer.allocUnsafe(headBytes + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flag;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, headBytes);
  return bytes;
}

function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

function headersOf(path: string, host: string): Buffer {
  const pairs = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', host],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ] as const;
  return Buffer.concat(pairs.map(([name, value]) => literal(name, value)));
}

interface Call {
  readonly resolve: (message: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  message: Uint8Array | undefined;
}

/** One connection with any number of calls at once. */
export class GrpcConnection {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #headers = new Map<string, Buffer>();
  readonly #calls = new Map<number, Call>();
  #stream = -1;
  #received: Buffer = Buffer.alloc(0);
  #consumed = 0;
  #out: Buffer[] = [];

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.on('data', (bytes: Buffer) => {
      this.#take(bytes);
    });
    socket.on('close', () => {
      this.#fail(new Error('the connection to etcd is closed'));
    });
    socket.on('error', () => undefined);
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(4, 0);
    settings.writeUInt32BE(windowBytes, 2);
    const update = Buffer.alloc(4);
    update.writeUInt32BE(windowBytes - 65_535);
    socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(frameTypes.settings, 0, { stream: 0, payload: settings }),
        frame(frameTypes.windowUpdate, 0, { stream: 0, payload: update }),
      ]),
    );
  }

  static open(port: number): Promise<GrpcConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
        resolve(new GrpcConnection(socket, `127.0.0.1:${port}`));
      });
      socket.once('error', reject);
    });
  }

  /** One unary call. A status other than OK comes without a message and rejects. */
  call(path: string, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the connection to etcd is closed'));
        return;
      }
      this.#stream += 2;
      this.#calls.set(this.#stream, { resolve, reject, message: undefined });
      let headers = this.#headers.get(path);
      if (headers === undefined) this.#headers.set(path, (headers = headersOf(path, this.#host)));
      const body = Buffer.allocUnsafe(5 + message.length);
      body[0] = 0;
      body.writeUInt32BE(message.length, 1);
      body.set(message, 5);
      this.#send(frame(frameTypes.headers, flags.endHeaders, { stream: this.#stream, payload: headers }));
      this.#send(frame(frameTypes.data, flags.endStream, { stream: this.#stream, payload: body }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(bytes: Buffer): void {
    if (this.#out.push(bytes) > 1) return;
    queueMicrotask(() => {
      this.#socket.write(Buffer.concat(this.#out));
      this.#out = [];
    });
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    let at = 0;
    while (this.#received.length - at >= headBytes) {
      const length = this.#received.readUIntBE(at, 3);
      if (this.#received.length - at < headBytes + length) break;
      const payload = this.#received.subarray(at + headBytes, at + headBytes + length);
      this.#onFrame(
        {
          type: this.#received[at + 3] ?? 0,
          flag: this.#received[at + 4] ?? 0,
          stream: this.#received.readUInt32BE(at + 5) & 0x7fffffff,
        },
        payload,
      );
      at += headBytes + length;
    }
    this.#received = this.#received.subarray(at);
  }

  #onFrame(
    { type, flag, stream }: { readonly type: number; readonly flag: number; readonly stream: number },
    payload: Buffer,
  ): void {
    const call = this.#calls.get(stream);
    if (type === frameTypes.data && call !== undefined) {
      call.message = Uint8Array.prototype.slice.call(payload, 5);
      this.#refill(payload.length);
    }
    if (type === frameTypes.settings && (flag & flags.acknowledge) === 0)
      this.#send(frame(frameTypes.settings, flags.acknowledge, { stream: 0, payload: new Uint8Array(0) }));
    if (type === frameTypes.ping && (flag & flags.acknowledge) === 0)
      this.#send(frame(frameTypes.ping, flags.acknowledge, { stream: 0, payload }));
    if (type === frameTypes.goAway) this.#fail(new Error('etcd ended the connection'));
    const ended =
      type === frameTypes.reset ||
      ((type === frameTypes.headers || type === frameTypes.data) && (flag & flags.endStream) !== 0);
    if (!ended || call === undefined) return;
    this.#calls.delete(stream);
    if (call.message === undefined) call.reject(new Error('etcd answered with an error'));
    else call.resolve(call.message);
  }

  #refill(bytes: number): void {
    this.#consumed += bytes;
    if (this.#consumed < 1 << 20) return;
    const update = Buffer.alloc(4);
    update.writeUInt32BE(this.#consumed);
    this.#consumed = 0;
    this.#send(frame(frameTypes.windowUpdate, 0, { stream: 0, payload: update }));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }
}
