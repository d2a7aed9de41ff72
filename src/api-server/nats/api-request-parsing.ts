import { decode } from '../../bus/index.ts';
import type { ApiRequest } from '../../protocol/index.ts';
import { type ApiHttpRequest, noBytes, textOf, utf8 } from '../request.ts';

/** How a client of the NATS door writes: told by the first byte of its request, and answered alike. */
export type BusEncoding = 'json' | 'msgpack';

export interface ParsedRequest {
  readonly request: ApiHttpRequest;
  readonly encoding: BusEncoding;
  readonly watch: boolean;
}

const methods: Readonly<Record<string, string>> = { get: 'GET', list: 'GET', watch: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' };
const whitespace = [0x20, 0x09, 0x0a, 0x0d];
const brace = 0x7b;

/** A request that makes no sense; `encoding` is how to say so. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly encoding: BusEncoding;
  constructor(message: string, encoding: BusEncoding, cause?: unknown) {
    super(message, { cause });
    this.encoding = encoding;
  }
}

export function encodingOf(payload: Uint8Array): BusEncoding {
  const first = payload.find((byte) => !whitespace.includes(byte));
  return first === brace ? 'json' : 'msgpack';
}

/** The request as the HTTP request that means the same. Throws MalformedRequest. */
export function parseApiRequest(payload: Uint8Array, headers: Readonly<Record<string, string>>): ParsedRequest {
  const encoding = encodingOf(payload);
  const asked = checked(decoded(payload, encoding), encoding);
  const query = { ...asked.query, ...(asked.verb === 'watch' ? { watch: 'true' } : {}) };
  const body = bodyOf(asked);
  const lowerHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    encoding,
    watch: asked.verb === 'watch',
    request: {
      method: methods[asked.verb] ?? 'GET',
      path: pathOf(asked),
      query: Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
      headers: { ...lowerHeaders, ...(body.byteLength === 0 ? {} : { 'content-type': asked.contentType ?? 'application/json' }) },
      body,
    },
  };
}

function decoded(payload: Uint8Array, encoding: BusEncoding): unknown {
  try {
    return encoding === 'json' ? JSON.parse(textOf(payload)) as unknown : decode(payload);
  } catch (error) {
    throw new MalformedRequest(`the request is neither JSON nor msgpack: ${error instanceof Error ? error.message : String(error)}`, encoding, error);
  }
}

function checked(value: unknown, encoding: BusEncoding): ApiRequest {
  const fail = (message: string): never => { throw new MalformedRequest(message, encoding); };
  if (typeof value !== 'object' || value === null) return fail('the request must be an object');
  const asked = value as Record<string, unknown>;
  if (typeof asked['verb'] !== 'string' || methods[asked['verb']] === undefined) fail(`verb must be one of ${Object.keys(methods).join(', ')}`);
  for (const name of ['version', 'resource']) if (typeof asked[name] !== 'string' || asked[name] === '') fail(`${name} must be a text`);
  for (const name of ['group', 'subresource', 'namespace', 'name', 'contentType']) if (asked[name] !== undefined && asked[name] !== null && typeof asked[name] !== 'string') fail(`${name} must be a text`);
  const query = asked['query'] ?? {};
  if (typeof query !== 'object' || Object.values(query).some((item) => typeof item !== 'string')) fail('query must be an object of texts');
  return { group: '', ...asked, query } as unknown as ApiRequest;
}

function pathOf(asked: ApiRequest): string {
  const parts = asked.group === '' || asked.group === 'core' ? ['api', asked.version] : ['apis', asked.group, asked.version];
  if (asked.namespace !== undefined && asked.namespace !== '' && !(asked.resource === 'namespaces' && asked.name !== undefined)) parts.push('namespaces', asked.namespace);
  parts.push(asked.resource);
  if (asked.name !== undefined && asked.name !== '') parts.push(asked.name);
  if (asked.subresource !== undefined && asked.subresource !== '') parts.push(asked.subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

function bodyOf(asked: ApiRequest): Uint8Array {
  const { body, contentType = 'application/json' } = asked;
  if (body === undefined || body === null) return noBytes;
  if (body instanceof Uint8Array) return body;
  return utf8(typeof body === 'string' && !contentType.includes('json') ? body : JSON.stringify(body));
}
