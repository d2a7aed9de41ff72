import type { ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import type { ApiHttpRequest, ApiHttpResponse, BodySink } from '../request.ts';
import { headerOf } from '../request.ts';

/** Answers larger than this are compressed when the client takes it (as upstream). */
const compressBytes = 128 * 1024;
/** Up to this size a body is handed over as a text of its bytes: Node then sends head and body in one write, which saves a sixth of a request's cost. */
const joinedBytes = 64 * 1024;
/** Bytes that may wait for one slow reader of a stream before it is ended. */
const waitingBytesMax = 32 * 1024 * 1024;

export function writeResponse(request: ApiHttpRequest, response: ApiHttpResponse, outgoing: ServerResponse): void {
  const { body, headers, status } = response;
  const { warning } = headers;
  // Node takes headers for Latin-1; clients read UTF-8, so its bytes are handed over as such.
  if (warning !== undefined) headers['warning'] = (typeof warning === 'string' ? [warning] : warning).map((text) => Buffer.from(text).toString('latin1'));
  if (typeof body === 'function') {
    stream(response, outgoing);
    return;
  }
  const pieces: readonly Uint8Array[] = body instanceof Uint8Array ? [body] : body;
  let size = 0;
  for (const piece of pieces) size += piece.byteLength;
  const compress = size > compressBytes && request.method !== 'HEAD' && (headerOf(request.headers, 'accept-encoding') ?? '').includes('gzip') && headers['content-encoding'] === undefined;
  if (compress) {
    compressed(Buffer.concat(pieces, size), response, outgoing);
    return;
  }
  if (status !== 304 && status !== 204 && !(request.method === 'HEAD' && headers['content-length'] !== undefined)) headers['content-length'] = String(size);
  outgoing.writeHead(status, headers);
  if (request.method === 'HEAD' || size === 0) outgoing.end();
  else if (pieces.length === 1 && pieces[0] !== undefined && size <= joinedBytes) outgoing.end(Buffer.from(pieces[0].buffer, pieces[0].byteOffset, size).toString('latin1'), 'latin1');
  else {
    for (const piece of pieces) outgoing.write(piece);
    outgoing.end();
  }
}

function compressed(bytes: Buffer, response: ApiHttpResponse, outgoing: ServerResponse): void {
  gzip(bytes, { level: 1 }, (error, result) => {
    if (error !== null) {
      outgoing.writeHead(response.status, { ...response.headers, 'content-length': String(bytes.byteLength) }).end(bytes);
      return;
    }
    outgoing.writeHead(response.status, { ...response.headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding', 'content-length': String(result.byteLength) }).end(result);
  });
}

function stream(response: ApiHttpResponse, outgoing: ServerResponse): void {
  if (typeof response.body !== 'function') return;
  outgoing.writeHead(response.status, response.headers);
  outgoing.flushHeaders();
  const sink: BodySink = {
    write: (bytes) => {
      if (outgoing.destroyed || outgoing.writableEnded) return false;
      writeChunk(outgoing, bytes);
      return outgoing.writableLength < waitingBytesMax;
    },
    end: () => { outgoing.end(); },
    get full() { return outgoing.socket?.writableNeedDrain ?? outgoing.writableNeedDrain; },
    onDrain: (listener) => {
      const { socket } = outgoing;
      socket?.on('drain', listener);
      outgoing.once('close', () => { socket?.off('drain', listener); });
    },
    onClose: (listener) => {
      if (outgoing.destroyed) listener();
      else outgoing.once('close', listener);
    },
  };
  response.body(sink);
}

/** Chunks by the bytes that they carry: all watchers of a collection are sent the very same ones. */
const chunks = new WeakMap<Uint8Array, Buffer>();
/** What is larger (the present objects at the start of a watch) is not worth a second copy. */
const sharedBytesMax = 64 * 1024;

/**
 * Writes one chunk (RFC 9112 section 7.1) straight to the connection: Node would make three writes of it for every reader. An
 * answer that waits behind another one on its connection (pipelining) has no connection yet and goes the ordinary way.
 */
function writeChunk(outgoing: ServerResponse, bytes: Uint8Array): void {
  const { socket } = outgoing;
  if (socket === null || !outgoing.chunkedEncoding || bytes.byteLength === 0 || bytes.byteLength > sharedBytesMax) {
    outgoing.write(bytes);
    return;
  }
  let chunk = chunks.get(bytes);
  if (chunk === undefined) {
    chunk = Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
    chunks.set(bytes, chunk);
  }
  socket.write(chunk);
}
