/** Writes the protobuf wire format. */

import { wireTypes } from './wire-reader.ts';

/** Bytes of one message while it is put together. */
export interface WireWriter {
  bytes: Uint8Array;
  length: number;
}

export function wireWriter(): WireWriter {
  return { bytes: new Uint8Array(256), length: 0 };
}

/** What was written so far; a view that is valid until the next write. */
export function written(writer: WireWriter): Uint8Array {
  return writer.bytes.subarray(0, writer.length);
}

function reserve(writer: WireWriter, count: number): void {
  if (writer.length + count <= writer.bytes.length) return;
  const larger = new Uint8Array(Math.max(writer.bytes.length * 2, writer.length + count));
  larger.set(written(writer));
  writer.bytes = larger;
}

/** A large number stands for the digits that it is written with. */
function wholeNumber(value: number | bigint): bigint {
  return BigInt(typeof value === 'bigint' || Number.isSafeInteger(value) ? value : String(value));
}

function writeVarint(writer: WireWriter, value: number | bigint): void {
  reserve(writer, 10);
  let rest = typeof value === 'number' && value >= 0 && value < 2 ** 31 ? value : undefined;
  let big = rest === undefined ? BigInt.asUintN(64, wholeNumber(value)) : 0n;
  if (rest === undefined) {
    while (big >= 2n ** 31n) {
      writer.bytes[writer.length++] = Number(big & 0x7fn) | 0x80;
      big >>= 7n;
    }
    rest = Number(big);
  }
  while (rest > 0x7f) {
    writer.bytes[writer.length++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  writer.bytes[writer.length++] = rest;
}

function writeTag(writer: WireWriter, field: number, wire: number): void {
  writeVarint(writer, field * 8 + wire);
}

/** A whole length-delimited field. */
export function writeBytes(writer: WireWriter, field: number, bytes: Uint8Array): void {
  writeTag(writer, field, wireTypes.bytes);
  writeVarint(writer, bytes.length);
  reserve(writer, bytes.length);
  writer.bytes.set(bytes, writer.length);
  writer.length += bytes.length;
}

const utf8 = new TextEncoder();

export function writeString(writer: WireWriter, field: number, text: string): void {
  writeBytes(writer, field, utf8.encode(text));
}

export function writeInteger(writer: WireWriter, field: number, value: number | bigint): void {
  writeTag(writer, field, wireTypes.varint);
  writeVarint(writer, value);
}

export function writeDouble(writer: WireWriter, field: number, value: number): void {
  writeTag(writer, field, wireTypes.fixed64);
  reserve(writer, 8);
  new DataView(writer.bytes.buffer, writer.bytes.byteOffset + writer.length, 8).setFloat64(0, value, true);
  writer.length += 8;
}

/** An embedded message, written by `fill`. */
export function writeMessage(writer: WireWriter, field: number, fill: (inner: WireWriter) => void): void {
  const inner = wireWriter();
  fill(inner);
  writeBytes(writer, field, written(inner));
}
