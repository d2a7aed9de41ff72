import { connect as connectHttp2, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import type { Timers } from '../../base/index.ts';

/**
 * A call over gRPC that failed. `status`: its code (https://grpc.io/docs/guides/status-codes), or undefined where no
 * server answered.
 */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Calls a method with an encoded message and resolves with the encoded answer. Rejects with GrpcError. */
export type GrpcCall = (method: string, message: Uint8Array) => Promise<Uint8Array>;

const prefixBytes = 5;
/** No message of a plug-in is larger. */
const answerBytesMax = 1024 * 1024;

/**
 * Unary calls of gRPC (its protocol over HTTP/2) at a unix socket. One connection is kept; it is made anew when it was
 * lost, and keeps no process alive.
 */
export function grpcCalls(
  socketPath: string,
  { timers, timeoutMs }: { readonly timers: Timers; readonly timeoutMs: number },
): GrpcCall {
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
      const own = connected();
      own.ref();
      const lost = (error: Error): void => {
        done(() => {
          reject(new GrpcError(`${socketPath}: ${error.message}`));
        });
      };
      own.once('error', lost);
      const stream = own.request({
        ':method': 'POST',
        ':path': method,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${String(timeoutMs)}m`,
      });
      const timer = timers.after(timeoutMs, () => {
        done(() => {
          reject(new GrpcError(`${socketPath} did not answer within ${String(timeoutMs)} ms`, 4));
        });
      });
      let settled = false;
      function done(settle: () => void): void {
        if (settled) return;
        settled = true;
        timer.cancel();
        own.off('error', lost);
        own.unref();
        settle();
        if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
      }
      const heads: IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('response', (headers) => {
        Object.assign(heads, headers);
      });
      stream.on('trailers', (headers) => {
        Object.assign(heads, headers);
      });
      stream.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        chunks.push(chunk);
        if (size > answerBytesMax)
          done(() => {
            reject(new GrpcError(`${socketPath} answered too much`));
          });
      });
      stream.on('error', lost);
      stream.on('close', () => {
        done(() => {
          settleWith(heads, Buffer.concat(chunks), { resolve, reject });
        });
      });
      stream.end(framed(message));
    });
}

/** A message with its prefix: not compressed, and how long it is. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(prefixBytes);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

function settleWith(
  heads: IncomingHttpHeaders,
  body: Buffer,
  { resolve, reject }: { readonly resolve: (answer: Uint8Array) => void; readonly reject: (error: Error) => void },
): void {
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
