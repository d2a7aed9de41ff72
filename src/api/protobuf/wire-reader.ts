/** Reads the protobuf wire format. */

/** The bytes are no message of the wanted kind. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** A position in the bytes of one message. */
export interface WireReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export function wireReader(bytes: Uint8Array): WireReader {
  return { bytes, at: 0, end: bytes.length };
}

/** Field number and wire type of what comes next; undefined at the end. */
export function readTag(reader: WireReader): { readonly field: number; readonly wire: number } | undefined {
  if (reader.at >= reader.end) return undefined;
  const tag = Number(readVarint(reader));
  return { field: Math.floor(tag / 8), wire: tag % 8 };
}

/** A signed 64-bit number. Throws ProtobufError at the end of the bytes. */
export function readVarint(reader: WireReader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined || reader.at >= reader.end) throw new ProtobufError('unexpected EOF');
    reader.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
  throw new ProtobufError('proto: integer overflow');
}

/** The bytes of a length-delimited field; a view, not a copy. */
export function readBytes(reader: WireReader): Uint8Array {
  const length = Number(readVarint(reader));
  if (length < 0) throw new ProtobufError('proto: negative length found during unmarshaling');
  if (reader.at + length > reader.end) throw new ProtobufError('unexpected EOF');
  const bytes = reader.bytes.subarray(reader.at, reader.at + length);
  reader.at += length;
  return bytes;
}

const utf8 = new TextDecoder();

export function readString(reader: WireReader): string {
  return utf8.decode(readBytes(reader));
}

export function readDouble(reader: WireReader): number {
  if (reader.at + 8 > reader.end) throw new ProtobufError('unexpected EOF');
  const value = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.at, 8).getFloat64(0, true);
  reader.at += 8;
  return value;
}

/** Skips an unknown field. */
export function skipField(reader: WireReader, wire: number): void {
  if (wire === wireTypes.varint) readVarint(reader);
  else if (wire === wireTypes.bytes) readBytes(reader);
  else if (wire === wireTypes.fixed64) reader.at += 8;
  else if (wire === wireTypes.fixed32) reader.at += 4;
  else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  if (reader.at > reader.end) throw new ProtobufError('unexpected EOF');
}
