/** How messages to and from the NATS door are written. */
import { decode, encode } from '../../bus/index.ts';

/**
 * `json`: for objects, since the door then passes on the stored bytes as they are. `msgpack`: for bytes of channels,
 * which JSON could only carry as base64. The door answers in the encoding of the request.
 */
export type MessageEncoding = 'json' | 'msgpack';

const brace = 0x7b;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Fields that are undefined are left out. */
export function encodeMessage(message: object, encoding: MessageEncoding): Uint8Array {
  return encoding === 'json' ? encoder.encode(JSON.stringify(message)) : encode(message);
}

/** A message in either encoding; its first byte says which. Throws on malformed input. */
export function decodeMessage(bytes: Uint8Array): unknown {
  return bytes[0] === brace ? (JSON.parse(decoder.decode(bytes)) as unknown) : decode(bytes);
}
