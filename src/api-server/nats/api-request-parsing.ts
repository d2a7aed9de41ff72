/** From a message of the NATS door to the HTTP request that means the same. */
import { inexactText, jsonExcess, parseExactly, StatusError } from '../../api/index.ts';
import { limits } from '../../base/index.ts';
import { decode } from '../../bus/index.ts';
import { type ApiRequest, apiVerbs, type ApiVerb } from '../../protocol/index.ts';
import { type ApiHttpRequest, type Headers, noBytes, textOf, utf8 } from '../request.ts';
import { type RequestTarget, targetPath } from '../request-target.ts';
import { inexactMember, msgpackExcess } from './msgpack-bounds.ts';

/** How a client of the NATS door writes: told by the first byte of its request, and answered alike. */
export type BusEncoding = 'json' | 'msgpack';

export interface ParsedRequest {
  readonly request: ApiHttpRequest;
  /** The answer is a stream for as long as there is something to tell; other answers are sent whole. */
  readonly lasting: boolean;
  /** The body follows in pieces. */
  readonly uploadBytes: number | undefined;
}

const methods: Readonly<Record<ApiVerb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
const whitespace = [0x20, 0x09, 0x0a, 0x0d];
const brace = 0x7b;
/** Subresources that are a conversation: over HTTP they upgrade their connection. */
const conversations = new Set(['exec', 'attach', 'portforward']);
/** The channel protocol in whose terms the streams talk to the door. */
const channelProtocol = 'v5.channel.k8s.io';

/** A request that makes no sense. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

export function encodingOf(payload: Uint8Array): BusEncoding {
  const first = payload.find((byte) => !whitespace.includes(byte));
  return first === brace ? 'json' : 'msgpack';
}

/** As much as an HTTP/1.1 request line may have. */
const pathBytesMax = 8 * 1024;

/** The request as the HTTP request that means the same. Throws MalformedRequest. */
export function parseApiRequest(
  payload: Uint8Array,
  encoding: BusEncoding,
  headers: Readonly<Record<string, string>>,
): ParsedRequest {
  const asked = checked(decoded(payload, encoding));
  const query = queryText(asked);
  const body = bodyOf(asked);
  const withBody = body.byteLength > 0 || asked.uploadBytes !== undefined;
  const target = asked.path === undefined ? targetOf(asked) : undefined;
  const path = asked.path ?? (target === undefined ? '' : targetPath(target));
  if (path.length > pathBytesMax)
    throw new MalformedRequest(`the path of the request is longer than ${pathBytesMax} bytes`);
  const conversation = target !== undefined && conversations.has(target.subresource ?? '');
  return {
    lasting: asked.verb === 'watch' || /(^|&)(watch|follow)=(true|1)(&|$)/.test(query),
    uploadBytes: asked.uploadBytes,
    request: {
      method: methods[asked.verb],
      path,
      target,
      query,
      headers: {
        ...headersOf(headers),
        ...(withBody ? { 'content-type': asked.contentType ?? 'application/json' } : {}),
      },
      body,
      ...(body.byteLength > limits.requestBytesMax ? { bodyTooLarge: true } : {}),
      ...(conversation ? { upgrade: { to: 'websocket', protocols: [channelProtocol] } } : {}),
    },
  };
}

/** Names in lower case; several values of one header stand on a line each. */
function headersOf(headers: Readonly<Record<string, string>>): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value.includes('\n') ? value.split('\n') : value,
    ]),
  );
}

function decoded(payload: Uint8Array, encoding: BusEncoding): unknown {
  const text = encoding === 'json' ? textOf(payload) : '';
  const excess = encoding === 'json' ? jsonExcess(text) : msgpackExcess(payload);
  if (excess !== undefined) throw new MalformedRequest(`the request is too much work: ${excess.message}`, excess);
  const inexact = encoding === 'json' ? undefined : inexactMember(payload);
  if (inexact !== undefined) throw new MalformedRequest(inexactText(String(inexact)));
  try {
    return encoding === 'json' ? parseExactly(text) : decode(payload);
  } catch (error) {
    if (error instanceof StatusError) throw new MalformedRequest(error.message, error);
    throw new MalformedRequest(
      `the request is neither JSON nor msgpack: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

function checked(value: unknown): ApiRequest {
  const fail = (message: string): never => {
    throw new MalformedRequest(message);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('the request must be an object');
  const asked = { ...value } as Record<string, unknown>;
  for (const [name, field] of Object.entries(asked)) if (field === null && name !== 'body') delete asked[name];
  if (!apiVerbs.some((verb) => verb === asked['verb'])) fail(`verb must be one of ${apiVerbs.join(', ')}`);
  if (asked['path'] === undefined)
    for (const name of ['version', 'resource'])
      if (typeof asked[name] !== 'string' || asked[name] === '') fail(`${name} must be a text`);
  for (const name of ['group', 'version', 'resource', 'subresource', 'namespace', 'name', 'contentType', 'path'])
    if (asked[name] !== undefined && typeof asked[name] !== 'string') fail(`${name} must be a text`);
  if (asked['path'] !== undefined && !/^\/[^?#\s]*$/.test(String(asked['path'])))
    fail('path must begin with / and hold no query');
  const query = asked['query'] ?? {};
  if (typeof query !== 'object' || Object.values(query).some((item) => typeof item !== 'string' && !isTexts(item)))
    fail('query must be an object of texts, or lists of texts');
  const upload = asked['uploadBytes'];
  if (upload !== undefined && !(Number.isSafeInteger(upload) && Number(upload) >= 0))
    fail('uploadBytes must be a number of bytes');
  return { group: '', ...asked, query } as ApiRequest;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function queryText({ query = {}, verb }: ApiRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : value.map((one) => [name, one] as const),
  );
  if (verb === 'watch' && query['watch'] === undefined) pairs.push(['watch', 'true']);
  return pairs.map(([name, value]) => `${safelyEncoded(name)}=${safelyEncoded(value)}`).join('&');
}

function safelyEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What the request names by its fields; a namespace is no part of a namespace's own path. */
function targetOf({ group, version, resource, namespace, name, subresource }: ApiRequest): RequestTarget {
  const about = { group: group === 'core' ? '' : group, version, resource, name, subresource };
  return resource === 'namespaces' && name !== undefined ? about : { ...about, namespace };
}

function bodyOf({ body, contentType = 'application/json' }: ApiRequest): Uint8Array {
  if (body === undefined || body === null) return noBytes;
  if (body instanceof Uint8Array) return body;
  try {
    return utf8(typeof body === 'string' && !contentType.includes('json') ? body : JSON.stringify(body));
  } catch (error) {
    throw new MalformedRequest('the body cannot be written as JSON; is it nested too deeply?', error);
  }
}
