/** The continue token of a list. */
import { badRequest, ExcessError } from '../../api/index.ts';
import { limits } from '../../base/index.ts';

/**
 * Where the next page of a list begins. `revision` -1: at whatever is newest, because the first page's state is gone.
 */
export interface ContinueToken {
  readonly revision: number;
  /** The last key of the page before. */
  readonly after: string;
}

const version = 'meta.k8s.io/v1';

const toBase64Url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const toBinary = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');

/** Opaque to clients; carries the list's revision and the place to go on at (relative to the collection's prefix). */
export function encodeContinue(token: ContinueToken, prefix: string): string {
  return toBase64Url(
    toBinary(JSON.stringify({ v: version, rv: token.revision, start: `${token.after.slice(prefix.length)}\u0000` })),
  );
}

function refuse(reason: string): never {
  throw badRequest(`invalid continue token: continue key is not valid: ${reason}`);
}

function binaryOf(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return refuse('illegal base64 data at input byte 0');
  }
}

function shapeOf(binary: string): { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown } {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through to the one answer for all that is no JSON object.
  }
  const code = binary.charCodeAt(0);
  const shown = code >= 0x20 && code < 0x7f ? (binary[0] ?? '') : `\\u${code.toString(16).padStart(4, '0')}`;
  return refuse(
    binary === '' ? 'unexpected end of JSON input' : `invalid character '${shown}' looking for beginning of value`,
  );
}

/** Reads a token that `encodeContinue` made for the same prefix. Throws 400. */
export function decodeContinue(text: string, prefix: string): ContinueToken {
  if (text.length > limits.continueCharactersMax)
    throw badRequest('invalid continue token: it is too long', new ExcessError('query', 'bytes'));
  const { v, rv, start } = shapeOf(binaryOf(text));
  if (v !== version) refuse(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0) refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') refuse('encoded start key empty (version meta.k8s.io/v1)');
  if (start.includes('../') || start.startsWith('/')) refuse(start);
  return { revision: rv, after: `${prefix}${start.endsWith('\u0000') ? start.slice(0, -1) : start}` };
}
