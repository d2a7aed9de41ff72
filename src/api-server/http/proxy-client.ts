import { type ClientRequest, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { errorMessage } from '../../base/index.ts';
import type { ApiHttpResponse, BodySink, HeaderValue } from '../request.ts';
import { upgradeExchange } from './proxy-upgrade.ts';
import type { ProxyExchange, ProxyTarget } from '../streams/index.ts';

const connectMs = 30_000;
/** These concern one connection only (RFC 9110 section 7.6.1), or are set anew. */
const hopHeaders = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'content-length']);

/** One HTTP exchange with a backend of the cluster; the answer is streamed. Certificates of backends are checked only where `tls` says so, as upstream. */
export const httpExchange: ProxyExchange = (target) => (target.upgrade === undefined ? plainExchange(target) : upgradeExchange(target, target.timeoutMs ?? connectMs));

const plainExchange: ProxyExchange = (target) => new Promise((resolve, reject) => {
  const timeoutMs = target.timeoutMs ?? connectMs;
  const call = backendRequest(target);
  call.setTimeout(timeoutMs);
  call.on('response', (answer) => {
    call.setTimeout(0);
    resolve({ status: answer.statusCode ?? 502, headers: fieldsFrom(answer.headers), body: (sink) => { pipe(answer, sink); } } satisfies ApiHttpResponse);
  });
  call.on('timeout', () => { call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)); });
  call.on('error', (error) => { reject(new Error(errorMessage(error))); });
  call.end(target.body);
});

/** A request that is not yet ended; `more` are fields that concern its connection. */
export function backendRequest(target: ProxyTarget, more: Readonly<Record<string, string>> = {}): ClientRequest {
  const send = target.scheme === 'https' ? httpsRequest : httpRequest;
  return send({ host: target.host, port: target.port, path: target.path, method: target.method, headers: { ...passedHeaders(target.headers), ...more }, ...tlsOptions(target) });
}

/** The fields of an answer that concern more than its connection. */
export function fieldsFrom(given: IncomingHttpHeaders): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined && !hopHeaders.has(name)) headers[name] = value;
  return headers;
}

export function tlsOptions({ tls }: ProxyTarget): object {
  if (tls === undefined) return { rejectUnauthorized: false };
  return { cert: tls.certificate, key: tls.key, servername: tls.serverName, rejectUnauthorized: tls.verify, ...(tls.ca === undefined ? {} : { ca: tls.ca }) };
}

/** The fields of a request that a backend gets: none that vouch for the client, or concern its connection. */
export function passedHeaders(headers: Readonly<Record<string, HeaderValue>>): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopHeaders.has(name) || name === 'authorization' || name === 'host' || name.startsWith('impersonate-')) continue;
    kept[name] = typeof value === 'string' ? value : [...value];
  }
  return kept;
}

function pipe(answer: Readable, sink: BodySink): void {
  answer.on('data', (chunk: Buffer) => {
    if (!sink.write(chunk)) answer.destroy();
    else if (sink.full) answer.pause();
  });
  sink.onDrain(() => { answer.resume(); });
  answer.on('end', () => { sink.end(); });
  answer.on('error', () => { sink.end(); });
  sink.onClose(() => { answer.destroy(); });
}
