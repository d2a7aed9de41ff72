import { textOfBase64 } from './base64.ts';

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/g;
const headerLines = /^(?:[^\n]*:[^\n]*\n)+/;
const wholeBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export interface PemBlock {
  readonly type: string;
  /** DER in base64, on one line. */
  readonly body: string;
  readonly hasHeaders: boolean;
}

/** The blocks of a PEM text that stands in base64. What cannot be read as a block is none. */
export function pemBlocksOf(base64: string | undefined): readonly PemBlock[] {
  return [...textOfBase64(base64 ?? '').matchAll(pemBlock)]
    .map(([, type = '', content = '']) => ({ type, body: content.replace(headerLines, '').replace(/\s/g, ''), hasHeaders: headerLines.test(content) }))
    .filter(({ body }) => wholeBase64.test(body));
}

/** Whether DER begins with a sequence that is all there, as every certificate does. */
export function isSequence(base64: string): boolean {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const [tag, first = 0] = bytes;
  if (tag !== 0x30) return false;
  if (first < 0x80) return bytes.length >= 2 + first;
  const digits = [...bytes.subarray(2, 2 + (first & 0x7f))];
  return digits.length > 0 && digits.length <= 4 && bytes.length >= 2 + digits.length + digits.reduce((length, digit) => length * 256 + digit, 0);
}
