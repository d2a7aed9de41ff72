import { encode } from '../../bus/index.ts';
import type { ApiReply } from '../../protocol/index.ts';
import { limits } from '../../base/index.ts';
import { textOf, utf8 } from '../request.ts';
import type { BusEncoding } from './api-request-parsing.ts';

/** Room for the headers of a message. */
const chunkBytes = limits.busPayloadBytesMax - 16 * 1024;

/** An answer as bytes for the bus. A JSON body goes into a JSON reply as it is, without being parsed. */
export function replyBytes(status: number, headers: Readonly<Record<string, string | readonly string[]>>, body: Uint8Array, encoding: BusEncoding): Uint8Array {
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]));
  const isJson = (flat['content-type'] ?? '').startsWith('application/json');
  if (encoding === 'json') return jsonReply({ status, headers: flat }, body, isJson);
  const value: unknown = body.byteLength === 0 ? null : isJson ? JSON.parse(textOf(body)) : isText(flat) ? textOf(body) : body;
  return encode({ status, headers: flat, body: value } satisfies ApiReply);
}

function jsonReply(head: { readonly status: number; readonly headers: Readonly<Record<string, string>> }, body: Uint8Array, isJson: boolean): Uint8Array {
  const start = utf8(`{"status":${head.status},"headers":${JSON.stringify(head.headers)},"body":`);
  const middle = body.byteLength === 0 ? utf8('null') : isJson ? body : utf8(JSON.stringify(isText(head.headers) ? textOf(body) : Buffer.from(body).toString('base64')));
  const bytes = new Uint8Array(start.byteLength + middle.byteLength + 1);
  bytes.set(start, 0);
  bytes.set(middle, start.byteLength);
  bytes[bytes.byteLength - 1] = 0x7d;
  return bytes;
}

function isText(headers: Readonly<Record<string, string>>): boolean {
  const type = headers['content-type'] ?? '';
  return type.startsWith('text/') || type.includes('yaml') || type.includes('json');
}

/** The pieces in which a reply travels. All but small ones carry `Troupe-Chunks: <count>` on the first and `Troupe-Chunk: <number>` on each. */
export function chunksOf(bytes: Uint8Array): readonly { readonly payload: Uint8Array; readonly headers?: Readonly<Record<string, string>> }[] {
  if (bytes.byteLength <= chunkBytes) return [{ payload: bytes }];
  const count = Math.ceil(bytes.byteLength / chunkBytes);
  return Array.from({ length: count }, (_, i) => ({
    payload: bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
    headers: { 'Troupe-Chunk': String(i), ...(i === 0 ? { 'Troupe-Chunks': String(count) } : {}) },
  }));
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
