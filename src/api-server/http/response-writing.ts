/** Writes answers: lengths, compression, streams. */
import { gzip } from 'node:zlib';
import type { ApiHttpRequest, ApiHttpResponse } from '../request.ts';
import { headerOf } from '../request.ts';
import { joinedBytesMax, type Outgoing } from './outgoing.ts';

/** Answers larger than this are compressed when the client takes it (as in Kubernetes). */
const compressBytes = 128 * 1024;

export function writeResponse(request: ApiHttpRequest, response: ApiHttpResponse, outgoing: Outgoing): void {
  const { body, headers, status } = response;
  const { warning } = headers;
  // Header fields are sent as Latin-1; clients read UTF-8, so its bytes are handed over as such.
  if (warning !== undefined)
    headers['warning'] = (typeof warning === 'string' ? [warning] : warning).map((text) =>
      Buffer.from(text).toString('latin1'),
    );
  if (typeof body === 'function') {
    body(outgoing.stream(status, headers));
    return;
  }
  const pieces: readonly Uint8Array[] = body instanceof Uint8Array ? [body] : body;
  let size = 0;
  for (const piece of pieces) size += piece.byteLength;
  const head = request.method === 'HEAD';
  const compress =
    size > compressBytes &&
    !head &&
    (headerOf(request.headers, 'accept-encoding') ?? '').includes('gzip') &&
    headers['content-encoding'] === undefined;
  if (compress) {
    sendCompressed(Buffer.concat(pieces, size), response, outgoing);
    return;
  }
  if (status !== 304 && status !== 204 && !(head && headers['content-length'] !== undefined))
    headers['content-length'] = String(size);
  outgoing.send(
    status,
    headers,
    head || size === 0 ? [] : pieces.length > 1 && size <= joinedBytesMax ? [Buffer.concat(pieces, size)] : pieces,
  );
}

function sendCompressed(bytes: Buffer, { status, headers }: ApiHttpResponse, outgoing: Outgoing): void {
  gzip(bytes, { level: 1 }, (error, result) => {
    if (error !== null) outgoing.send(status, { ...headers, 'content-length': String(bytes.byteLength) }, [bytes]);
    else
      outgoing.send(
        status,
        {
          ...headers,
          'content-encoding': 'gzip',
          vary: [...[headers['vary'] ?? []].flat(), 'Accept-Encoding'].join(', '),
          'content-length': String(result.byteLength),
        },
        [result],
      );
  });
}
