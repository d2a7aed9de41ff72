import { type Bus, encode } from '../../bus/index.ts';
import { type ApiReply, doorHeaders } from '../../protocol/index.ts';
import { limits } from '../../base/index.ts';
import { textOf, utf8 } from '../request.ts';
import type { BusEncoding } from './api-request-parsing.ts';

/** Room for the headers of a message. */
const chunkBytes = limits.busPayloadBytesMax - 16 * 1024;

/** An answer as bytes for the bus. A JSON body goes into a JSON reply as it is, without being parsed. */
export function replyBytes(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: Uint8Array,
  encoding: BusEncoding,
): Uint8Array {
  const flat = flatHeaders(headers);
  const isJson = (flat['content-type'] ?? '').startsWith('application/json');
  if (encoding === 'json') return jsonReply({ status, headers: flat }, body, isJson);
  const value: unknown =
    body.byteLength === 0 ? null : isJson ? JSON.parse(textOf(body)) : isText(flat) ? textOf(body) : body;
  return encode({ status, headers: flat, body: value } satisfies ApiReply);
}

/** Headers with one value each. */
export function flatHeaders(headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]),
  );
}

function jsonReply(
  head: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  body: Uint8Array,
  isJson: boolean,
): Uint8Array {
  const middle =
    body.byteLength === 0
      ? utf8('null')
      : isJson
        ? body
        : utf8(JSON.stringify(isText(head.headers) ? textOf(body) : Buffer.from(body).toString('base64')));
  return jsonAround(`{"status":${head.status},"headers":${JSON.stringify(head.headers)},"body":`, middle);
}

/** A JSON object whose last value is there already: `head`, the value's bytes, the closing brace. */
export function jsonAround(head: string, value: Uint8Array): Uint8Array {
  const start = utf8(head);
  const bytes = new Uint8Array(start.byteLength + value.byteLength + 1);
  bytes.set(start, 0);
  bytes.set(value, start.byteLength);
  bytes[bytes.byteLength - 1] = 0x7d;
  return bytes;
}

function isText(headers: Readonly<Record<string, string>>): boolean {
  const type = headers['content-type'] ?? '';
  return type.startsWith('text/') || type.includes('yaml') || type.includes('json');
}

/** Messages that were sent in pieces so far. */
let inPieces = 0;

/**
 * Publishes a message, in pieces if it is large: each piece carries its number and the message's, the first also how
 * many there are.
 */
export function publishInChunks(
  bus: Bus,
  subject: string,
  bytes: Uint8Array,
  options: { readonly reply?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): void {
  if (bytes.byteLength <= chunkBytes) {
    bus.publish(subject, bytes, options);
    return;
  }
  const count = Math.ceil(bytes.byteLength / chunkBytes);
  inPieces += 1;
  for (let i = 0; i < count; i++) {
    const headers = {
      ...options.headers,
      [doorHeaders.message]: String(inPieces),
      [doorHeaders.chunk]: String(i),
      ...(i === 0 ? { [doorHeaders.chunks]: String(count) } : {}),
    };
    bus.publish(subject, bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes), { ...options, headers });
  }
}

/** Puts the pieces of one reply together again. */
export function joinedChunks(chunks: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const chunk of chunks) size += chunk.byteLength;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
