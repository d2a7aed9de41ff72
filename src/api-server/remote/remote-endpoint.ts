import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { limits } from '../../base/index.ts';
import type { EndpointConfig } from './endpoint-config.ts';

export interface RemoteAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** A service that is asked by POST of JSON. Rejects when there is no answer in time. */
export interface RemoteEndpoint {
  post(body: Uint8Array): Promise<RemoteAnswer>;
  close(): void;
}

export function remoteEndpoint(config: EndpointConfig, options: { readonly timeoutMs: number; readonly userAgent: string }): RemoteEndpoint {
  const secure = config.url.startsWith('https:');
  const agent = secure ? new HttpsAgent({ keepAlive: true, ...tlsOf(config) }) : new HttpAgent({ keepAlive: true });
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': options.userAgent, ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }) };
  return {
    post: (body) => answered((secure ? httpsRequest : httpRequest)(config.url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.byteLength }, signal: AbortSignal.timeout(options.timeoutMs) }), body),
    close: () => { agent.destroy(); },
  };
}

/** GET of a JSON document, such as an identity provider's keys. */
export async function getJson(url: string, options: { readonly ca?: string; readonly timeoutMs: number }): Promise<unknown> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const answer = await answered(send(url, { method: 'GET', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(options.timeoutMs), ...(options.ca === undefined ? {} : { ca: options.ca }) }), undefined);
  if (answer.status !== 200) throw new Error(`GET ${url} answered ${String(answer.status)}`);
  return JSON.parse(Buffer.from(answer.body).toString()) as unknown;
}

function tlsOf(config: EndpointConfig): Record<string, unknown> {
  const { ca, certificate, key, serverName, insecure } = config;
  return {
    ...(ca === undefined ? {} : { ca }), ...(certificate === undefined ? {} : { cert: certificate }), ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }), ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

function answered(call: ReturnType<typeof httpRequest>, body: Uint8Array | undefined): Promise<RemoteAnswer> {
  return new Promise((resolve, reject) => {
    call.on('response', (answer) => { collect(answer).then(resolve, reject); });
    call.on('error', (error) => { reject(new Error(error.name === 'TimeoutError' || error.name === 'AbortError' ? 'context deadline exceeded' : error.message)); });
    call.end(body);
  });
}

async function collect(answer: IncomingMessage): Promise<RemoteAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limits.requestBytesMax) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks) };
}
