/** Finds PEM blocks in a text, as Go's encoding/pem does. */

import { textOfBase64 } from './base64.ts';

const beginLine = /^-----BEGIN ([^-]+)-----$/;

interface PemBlock {
  readonly type: string;
  /** DER in base64, on one line. */
  readonly body: string;
  readonly hasHeaders: boolean;
}

interface OpenBlock {
  readonly type: string;
  readonly lines: string[];
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

function closed({ type, lines }: OpenBlock): PemBlock {
  const firstOfBody = lines.findIndex((line) => !line.includes(':'));
  return {
    type,
    body: lines.slice(firstOfBody < 0 ? lines.length : firstOfBody).join(''),
    hasHeaders: firstOfBody !== 0 && lines.length > 0,
  };
}

/**
 * The blocks of a PEM text that stands in base64. What cannot be read as a block is none. Anybody may have written the
 * text: it is read once.
 */
export function pemBlocksOf(base64: string | undefined): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: OpenBlock | undefined;
  for (const line of textOfBase64(base64 ?? '')
    .split('\n')
    .map((text) => text.trim())) {
    const type = beginLine.exec(line)?.[1];
    if (type !== undefined) open = { type, lines: [] };
    else if (open !== undefined && line === `-----END ${open.type}-----`) {
      blocks.push(closed(open));
      open = undefined;
    } else open?.lines.push(line);
  }
  return blocks.filter(({ body }) => isBase64(body));
}

/** Whether DER begins with a sequence that is all there, as every certificate does. */
export function isSequence(base64: string): boolean {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const [tag, first = 0] = bytes;
  if (tag !== 0x30) return false;
  if (first < 0x80) return bytes.length >= 2 + first;
  const digits = [...bytes.subarray(2, 2 + (first & 0x7f))];
  return (
    digits.length > 0 &&
    digits.length <= 4 &&
    bytes.length >= 2 + digits.length + digits.reduce((length, digit) => length * 256 + digit, 0)
  );
}
