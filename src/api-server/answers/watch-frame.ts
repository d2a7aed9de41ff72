/** The framing of a protobuf watch. */
import { utf8 } from '../request.ts';

/**
 * One event of a protobuf watch: four bytes of length (big-endian), then metav1.WatchEvent { type = 1, object = 2 },
 * whose object is a RawExtension { raw = 1 } around the object's own encoding with its envelope.
 */
export function watchFrame(type: string, object: Uint8Array): Uint8Array {
  const typeField = field(1, utf8(type));
  const objectField = field(2, field(1, object));
  const frame = new Uint8Array(4 + typeField.byteLength + objectField.byteLength);
  new DataView(frame.buffer).setUint32(0, frame.byteLength - 4);
  frame.set(typeField, 4);
  frame.set(objectField, 4 + typeField.byteLength);
  return frame;
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  const head = [(number << 3) | 2];
  let length = bytes.byteLength;
  while (length > 127) {
    head.push((length & 127) | 128);
    length >>>= 7;
  }
  head.push(length);
  const encoded = new Uint8Array(head.length + bytes.byteLength);
  encoded.set(head, 0);
  encoded.set(bytes, head.length);
  return encoded;
}
