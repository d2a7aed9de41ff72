/** Requests as they come through Node's own HTTP machinery, as plain values. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { limits } from '../../base/index.ts';
import { type ApiHttpRequest, type Headers, noBytes } from '../request.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { goneListener } from './gone-listener.ts';

/**
 * The request as a plain value. Its body is kept up to the limit; what is beyond is read and dropped, so that the
 * refusal can be answered.
 */
export function readRequest(
  incoming: IncomingMessage,
  certificates: ClientCertificates,
  take: (request: ApiHttpRequest) => void,
): void {
  if (!hasBody(incoming)) {
    take(requestOf(incoming, certificates, noBytes));
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    if (size <= limits.requestBytesMax) chunks.push(chunk);
    else chunks.length = 0;
  });
  incoming.on('end', () => {
    const tooLarge = size > limits.requestBytesMax;
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    take({ ...requestOf(incoming, certificates, body), bodyTooLarge: tooLarge });
  });
}

function hasBody(incoming: IncomingMessage): boolean {
  const length = incoming.headers['content-length'];
  return (length !== undefined && length !== '0') || incoming.headers['transfer-encoding'] !== undefined;
}

export function requestOf(
  incoming: IncomingMessage,
  certificates: ClientCertificates,
  body: Uint8Array,
): ApiHttpRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const certificate = certificates.of(incoming.socket as TLSSocket);
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: certificate?.signedBy === undefined ? headersOf(incoming) : incoming.headersDistinct,
    body,
    remoteAddress: incoming.socket.remoteAddress,
    certificate,
    onGone: goneListener(incoming.socket),
  };
}

/** Node joins repeated headers by commas; impersonation needs them apart. */
function headersOf(incoming: IncomingMessage): Headers {
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    const first = incoming.rawHeaders[i]?.charCodeAt(0);
    if ((first === 73 || first === 105) && /^impersonate-/i.test(incoming.rawHeaders[i] ?? ''))
      return incoming.headersDistinct;
  }
  return incoming.headers;
}
