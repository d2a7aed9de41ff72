/** Decodes the messages whose JSON is not an object: quantities, times, raw JSON. */

import type { FieldSchema } from '../schema/index.ts';
import { toBase64 } from './base64.ts';
import { ExcessError, jsonExcess, parseExactly, StatusError } from '../machinery/index.ts';
import { instantText } from './instant.ts';
import {
  ProtobufError,
  readBytes,
  readString,
  readTag,
  readVarint,
  skipField,
  wireReader,
  wireTypes,
} from './wire-reader.ts';

/** Values whose JSON form is not the message's: bytes, quantities, times, raw JSON. */
export function readSpecial(field: FieldSchema, bytes: Uint8Array): unknown {
  if (field.type === 'bytes') return toBase64(bytes);
  if (field.type === 'quantity') return readQuantity(bytes);
  if (field.type === 'int-or-string') return readIntOrString(bytes);
  if (field.type === 'time' || field.type === 'micro-time') return readTime(bytes, field.type === 'micro-time');
  return readRaw(bytes);
}

/** Times, quantities and raw values have three fields at most. */
const smallFieldsMax = 16;

/** Numbers and byte fields of a small message by field number; the last value of a number counts. */
function smallMessage(bytes: Uint8Array): {
  readonly numbers: ReadonlyMap<number, number>;
  readonly texts: ReadonlyMap<number, Uint8Array>;
} {
  const reader = wireReader(bytes);
  const numbers = new Map<number, number>();
  const texts = new Map<number, Uint8Array>();
  let fields = 0;
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    if ((fields += 1) > smallFieldsMax) throw overProtobuf('values', 'proto: a value has too many fields');
    if (tag.wire === wireTypes.varint) numbers.set(tag.field, Number(readVarint(reader)));
    else if (tag.wire === wireTypes.bytes) texts.set(tag.field, readBytes(reader));
    else skipField(reader, tag.wire);
  }
  return { numbers, texts };
}

function readQuantity(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(smallMessage(bytes).texts.get(1));
  return text === '' ? '0' : text;
}

function readIntOrString(bytes: Uint8Array): string | number {
  const { numbers, texts } = smallMessage(bytes);
  return numbers.get(1) === 1 ? new TextDecoder().decode(texts.get(3)) : (numbers.get(2) ?? 0) | 0;
}

function readTime(bytes: Uint8Array, micro: boolean): string | null {
  const { numbers } = smallMessage(bytes);
  const seconds = numbers.get(1) ?? 0;
  const nanos = numbers.get(2) ?? 0;
  if (seconds === 0 && nanos === 0) return null;
  if (Math.abs(seconds) > 8.64e12) throw new ProtobufError('proto: a time is out of range');
  return instantText({ seconds, nanos }, micro);
}

/** RawExtension, JSON and FieldsV1 alike: JSON text in field 1. */
function readRaw(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(smallMessage(bytes).texts.get(1));
  if (text === '') return null;
  return embeddedJson(text);
}

/** Parses JSON that stands in a message. Throws ProtobufError, also for a text of too many values. */
export function embeddedJson(text: string): unknown {
  const excess = jsonExcess(text, 'protobuf');
  if (excess !== undefined) throw new ProtobufError(`an embedded raw value: ${excess.message}`, { cause: excess });
  try {
    return parseExactly(text);
  } catch (error) {
    if (error instanceof StatusError) throw new ProtobufError(error.message, { cause: error });
    throw new ProtobufError('an embedded raw value is no JSON', { cause: error });
  }
}

/** A JSON schema or something simpler in its place. `decode` reads the schema. */
export function readNested(format: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): unknown {
  const reader = wireReader(bytes);
  let schema: unknown;
  let allows = false;
  const several: unknown[] = [];
  const schemaField = format === 'schema-or-bool' ? 2 : 1;
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    if (tag.wire === wireTypes.varint) allows = readVarint(reader) !== 0n;
    else if (tag.field === schemaField) schema = decode(readBytes(reader));
    else if (tag.field === 2)
      several.push(format === 'schema-or-array' ? decode(readBytes(reader)) : readString(reader));
    else skipField(reader, tag.wire);
  }
  if (schema !== undefined) return schema;
  return format === 'schema-or-bool' ? allows : several;
}

/** The refusal of a message that is too much work. */
export function overProtobuf(reason: 'values' | 'depth', message: string): ProtobufError {
  return new ProtobufError(message, { cause: new ExcessError('protobuf', reason) });
}
