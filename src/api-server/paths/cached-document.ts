/** Documents with an entity tag, answered with 304 to clients that have them. */
import { textHash } from '../auth/index.ts';
import { type ApiHttpResponse, headerOf, noBytes, utf8 } from '../request.ts';
import type { RequestContext } from '../request-context.ts';

/** A document that seldom changes, with its entity tag. */
export interface CachedDocument {
  readonly bytes: Uint8Array;
  readonly tag: string;
  readonly contentType: string;
}

export function documentOf(text: string, contentType = 'application/json'): CachedDocument {
  return { bytes: utf8(text), tag: textHash(text).toUpperCase().slice(0, 32), contentType };
}

export function bytesDocument(bytes: Uint8Array, contentType: string): CachedDocument {
  return { bytes, tag: textHash(Buffer.from(bytes).toString('latin1')).toUpperCase().slice(0, 32), contentType };
}

/** The document, or 304 when the client has it already. */
export function documentResponse(
  context: RequestContext,
  document: CachedDocument,
  headers: Readonly<Record<string, string>> = {},
): ApiHttpResponse {
  const etag = `"${document.tag}"`;
  const known = (headerOf(context.http.headers, 'if-none-match') ?? '')
    .split(',')
    .map((value) => value.trim().replace(/^W\//, ''));
  if (known.includes(etag)) return { status: 304, headers: { etag, ...headers }, body: noBytes };
  return { status: 200, headers: { 'content-type': document.contentType, etag, ...headers }, body: document.bytes };
}
