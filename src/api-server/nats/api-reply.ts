/** Answers of the handler as messages of the NATS door, in the encoding of the request. */
import { encode } from '../../bus/index.ts';
import type { ApiReply } from '../../protocol/index.ts';
import { textOf, utf8 } from '../request.ts';
import type { BusEncoding } from './api-request-parsing.ts';

type ManyHeaders = Readonly<Record<string, string | readonly string[]>>;
type FlatHeaders = Readonly<Record<string, string>>;

/** An answer whose body is there: whole, or in pieces. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: ManyHeaders;
  readonly body: Uint8Array | readonly Uint8Array[];
}

/** A JSON body goes into a JSON reply as it is: nothing is parsed, and its pieces are copied once. */
export function replyBytes({ status, headers, body }: WholeAnswer, encoding: BusEncoding): Uint8Array {
  const flat = flatHeaders(headers);
  const pieces = body instanceof Uint8Array ? [body] : body;
  const isJson = (flat['content-type'] ?? '').startsWith('application/json');
  if (encoding === 'json')
    return jsonAround(
      `{"status":${status},"headers":${JSON.stringify(flat)},"body":`,
      jsonBody(pieces, { headers: flat, isJson }),
    );
  return encode({ status, headers: flat, body: bodyValue(joined(pieces), flat, isJson) } satisfies ApiReply);
}

/** Headers with one value each. */
export function flatHeaders(headers: ManyHeaders): FlatHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]),
  );
}

function jsonBody(
  pieces: readonly Uint8Array[],
  { headers, isJson }: { readonly headers: FlatHeaders; readonly isJson: boolean },
): readonly Uint8Array[] {
  if (pieces.every((piece) => piece.byteLength === 0)) return [utf8('null')];
  if (isJson) return pieces;
  const body = joined(pieces);
  return [utf8(JSON.stringify(isText(headers) ? textOf(body) : Buffer.from(body).toString('base64')))];
}

function bodyValue(body: Uint8Array, headers: FlatHeaders, isJson: boolean): unknown {
  if (body.byteLength === 0) return null;
  if (isJson) return JSON.parse(textOf(body)) as unknown;
  return isText(headers) ? textOf(body) : body;
}

/** A JSON object whose last value is there already: `head`, the value's bytes in pieces, the closing brace. */
export function jsonAround(head: string, value: readonly Uint8Array[]): Uint8Array {
  return joined([utf8(head), ...value, closingBrace]);
}

const closingBrace = utf8('}');

function isText(headers: FlatHeaders): boolean {
  const type = headers['content-type'] ?? '';
  return type.startsWith('text/') || type.includes('yaml') || type.includes('json');
}

/** The pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  let size = 0;
  for (const piece of pieces) size += piece.byteLength;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
