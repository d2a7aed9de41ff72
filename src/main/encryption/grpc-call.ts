/** Calls a gRPC server at a unix socket: a KMS plug-in. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { connect } from 'node:net';
import type { Timers } from '../../base/index.ts';

/**
 * A call over gRPC that failed. `status`: its code (https://grpc.io/docs/guides/status-codes), or undefined where no
 * server answered.
 */
class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Calls a method with an encoded message and resolves with the encoded answer. Rejects with GrpcError. */
export type GrpcCall = (method: string, message: Uint8Array) => Promise<Uint8Array>;

/** The status code of a call whose time ran out. */
const deadlineExceeded = 4;
const prefixBytes = 5;
/** No message of a plug-in is larger. */
const answerBytesMax = 1024 * 1024;

interface GrpcCallOptions {
  readonly timers: Timers;
  readonly timeoutMs: number;
}

/**
 * Unary gRPC calls over HTTP/2 to a unix socket. One connection is kept; a lost one is replaced at the next call. It
 * does not keep the process alive.
 */
export function grpcCalls(socketPath: string, options: GrpcCallOptions): GrpcCall {
  let session: ClientHttp2Session | undefined;
  const connected = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    session = connectHttp2('http://localhost', { createConnection: () => connect(socketPath) });
    session.on('error', () => {
      session = undefined;
    });
    return session;
  };
  return (method, message) =>
    new Promise((resolve, reject) => {
      const call = new UnaryCall({ ...options, socketPath, session: connected(), method }, { resolve, reject });
      call.send(message);
    });
}

interface UnaryCallOptions extends GrpcCallOptions {
  readonly socketPath: string;
  readonly session: ClientHttp2Session;
  readonly method: string;
}

interface Settlement {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** One stream of the session: it collects the answer and settles once. */
class UnaryCall {
  readonly #options: UnaryCallOptions;
  readonly #settlement: Settlement;
  readonly #stream: ClientHttp2Stream;
  readonly #timer: { cancel(): void };
  readonly #heads: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #settled = false;

  constructor(options: UnaryCallOptions, settlement: Settlement) {
    const { session, method, timers, timeoutMs, socketPath } = options;
    this.#options = options;
    this.#settlement = settlement;
    session.ref();
    session.once('error', this.#lost);
    this.#stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${String(timeoutMs)}m`,
    });
    this.#timer = timers.after(timeoutMs, () => {
      this.#fail(new GrpcError(`${socketPath} did not answer within ${String(timeoutMs)} ms`, deadlineExceeded));
    });
  }

  send(message: Uint8Array): void {
    const stream = this.#stream;
    const keepHeads = (headers: IncomingHttpHeaders): void => {
      Object.assign(this.#heads, headers);
    };
    stream.on('response', keepHeads);
    stream.on('trailers', keepHeads);
    stream.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    stream.on('error', this.#lost);
    stream.on('close', () => {
      this.#done(() => {
        settleWith(this.#heads, Buffer.concat(this.#chunks), this.#settlement);
      });
    });
    stream.end(framed(message));
  }

  readonly #lost = (error: Error): void => {
    this.#fail(new GrpcError(`${this.#options.socketPath}: ${error.message}`));
  };

  #take(chunk: Buffer): void {
    this.#size += chunk.byteLength;
    this.#chunks.push(chunk);
    if (this.#size > answerBytesMax)
      this.#fail(new GrpcError(`${this.#options.socketPath} answered more than ${String(answerBytesMax)} bytes`));
  }

  #fail(error: GrpcError): void {
    this.#done(() => {
      this.#settlement.reject(error);
    });
  }

  #done(settle: () => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer.cancel();
    this.#options.session.off('error', this.#lost);
    this.#options.session.unref();
    settle();
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }
}

/** A message with its prefix: not compressed, and how long it is. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(prefixBytes);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

function settleWith(heads: IncomingHttpHeaders, body: Buffer, { resolve, reject }: Settlement): void {
  const status = heads['grpc-status'];
  if (status === undefined) reject(new GrpcError(`no gRPC answer (HTTP status ${String(heads[':status'] ?? 'none')})`));
  else if (status !== '0')
    reject(new GrpcError(decoded(String(heads['grpc-message'] ?? '')) || `status ${String(status)}`, Number(status)));
  else if (body.byteLength < prefixBytes || body[0] !== 0 || body.readUInt32BE(1) !== body.byteLength - prefixBytes)
    reject(new GrpcError('the answer is no single plain message'));
  else resolve(body.subarray(prefixBytes));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
