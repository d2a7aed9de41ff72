/** Base64 of texts, for the data of Secrets. */

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder();
const chunkBytes = 0x8000;

/** Base64 of a text's UTF-8. */
export function base64OfText(text: string): string {
  const bytes = utf8Encoder.encode(text);
  let binary = '';
  for (let start = 0; start < bytes.length; start += chunkBytes)
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  return btoa(binary);
}

/** The text whose UTF-8 the base64 holds; what is no UTF-8 is replaced. */
export function textOfBase64(base64: string): string {
  return utf8Decoder.decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

/** How many bytes canonical base64 stands for. */
export function base64Length(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor(base64.length / 4) * 3 - padding;
}
