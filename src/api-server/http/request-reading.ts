/** Requests as they come through Node's own HTTP machinery, as plain values. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type ApiHttpRequest, type Headers, noBytes } from '../request.ts';
import { type BodyBudget, BodyReading } from './body-budget.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { goneListener } from './gone-listener.ts';

/** What reading a request needs of its door. */
interface ReadingPorts {
  readonly certificates: ClientCertificates;
  readonly bodies: BodyBudget;
}

/** The request as a plain value, once its body is there. `answer` resolves when nobody needs the body any more. */
export function readRequest(
  incoming: IncomingMessage,
  { certificates, bodies }: ReadingPorts,
  answer: (request: ApiHttpRequest) => Promise<void>,
): void {
  if (!hasBody(incoming)) {
    void answer(requestOf(incoming, certificates, noBytes));
    return;
  }
  const reading = new BodyReading(bodies, incoming.socket.remoteAddress);
  let ended = false;
  incoming.on('data', (chunk: Buffer) => {
    reading.add(chunk);
  });
  incoming.once('close', () => {
    if (!ended) reading.release();
  });
  incoming.on('end', () => {
    ended = true;
    void answer({ ...requestOf(incoming, certificates, noBytes), ...reading.body }).finally(() => {
      reading.release();
    });
  });
}

/** Whether it names two hosts: one that stands before this server may have gone by the other. */
export function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') hosts += 1;
  return hosts > 1;
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
