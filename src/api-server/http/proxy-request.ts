/** The request that a backend gets, and the fields that pass through a proxy. */
import { type ClientRequest, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HeaderValue } from '../request.ts';
import type { ProxyTarget } from '../streams/index.ts';

/** These concern one connection only (RFC 9110 section 7.6.1), or are set again. */
const hopHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);

/** After so long a silence the system asks whether a backend's machine is still there. */
export const keepAliveMs = 30_000;
/** Of a backend's answer. */
const headBytesMax = 1024 * 1024;

/** A request that is not yet ended; `more` are fields that concern its connection. */
export function backendRequest(target: ProxyTarget, more: Readonly<Record<string, string>> = {}): ClientRequest {
  const send = target.scheme === 'https' ? httpsRequest : httpRequest;
  return send({
    // A connection that is kept may be closed by its backend just as the next request is sent.
    agent: target.tls === undefined ? false : undefined,
    maxHeaderSize: headBytesMax,
    host: target.host,
    port: target.port,
    path: target.path,
    method: target.method,
    headers: { ...passedHeaders(target.headers), ...more },
    ...tlsOptions(target),
  });
}

/** The fields of an answer that concern more than its connection. */
export function fieldsFrom(given: IncomingHttpHeaders): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !hopHeaders.has(name)) headers[name] = value;
  return headers;
}

export function tlsOptions({ tls }: ProxyTarget): object {
  if (tls === undefined) return { rejectUnauthorized: false };
  return {
    cert: tls.certificate,
    key: tls.key,
    servername: tls.serverName,
    rejectUnauthorized: tls.verify,
    ca: tls.ca,
  };
}

/** The fields of a request that a backend gets: none that vouch for the client, or concern its connection. */
export function passedHeaders(headers: Readonly<Record<string, HeaderValue>>): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (
      value === undefined ||
      hopHeaders.has(name) ||
      name === 'authorization' ||
      name === 'host' ||
      name.startsWith('impersonate-')
    )
      continue;
    kept[name] = typeof value === 'string' ? value : [...value];
  }
  return kept;
}
