/** Shortens a body for a message. */

const bytesMax = 30;

/** The beginning of a body as messages show it: JSON as text, anything else in hexadecimal digits. */
export function summaryOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const head = bytes.subarray(0, bytesMax);
  const text =
    bytes[0] === 0x7b
      ? new TextDecoder().decode(head)
      : [...head].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return bytes.length > bytesMax ? `${text} ...` : text;
}
