/** Encodes objects in protobuf by the schema tables. */

import { limits, type Steps } from '../../base/index.ts';
import { type FieldSchema, typeSchema } from '../schema/index.ts';
import { fromBase64 } from './base64.ts';
import { instantOf } from './instant.ts';
import {
  type WireWriter,
  wireWriter,
  writeBytes,
  writeDouble,
  writeInteger,
  writeMessage,
  writeString,
  written,
} from './wire-writer.ts';

/** Encodes an object in the shape of its type, without an envelope. Absent and null fields are left out. */
export function encodeMessage(type: string, object: unknown): Uint8Array {
  const writer = wireWriter();
  writeStruct(writer, type, object);
  return written(writer);
}

/** The same of a list, in steps: an item after the other. */
export function* encodeListSteps(type: string, list: { readonly items: readonly unknown[] }): Steps<Uint8Array> {
  const writer = wireWriter();
  const { items, ...rest } = list;
  writeStruct(writer, type, rest);
  const field = typeSchema(type).fields.get('items');
  let last = 0;
  for (const item of field === undefined ? [] : items) {
    if (writer.length - last > limits.turnBytesMax) {
      last = writer.length;
      yield;
    }
    if (field !== undefined) writeValue(writer, field, item);
  }
  return written(writer);
}

interface Placed {
  readonly field: FieldSchema;
  readonly value: unknown;
  readonly path: readonly number[];
}

function writeStruct(writer: WireWriter, type: string, object: unknown): void {
  const placed: Placed[] = [];
  const { fields } = typeSchema(type);
  for (const [name, value] of Object.entries((object ?? {}) as Record<string, unknown>)) {
    const field = fields.get(name);
    if (field === undefined || field.protobuf === 0 || value === null || value === undefined) continue;
    placed.push({ field, value, path: field.protobufInside ?? [] });
  }
  writeLevel(writer, placed);
}

function writeLevel(writer: WireWriter, placed: readonly Placed[]): void {
  const deeper = new Map<number, Placed[]>();
  for (const { field, value, path } of placed) {
    const [first, ...rest] = path;
    if (first === undefined) writeField(writer, field, value);
    else deeper.set(first, [...(deeper.get(first) ?? []), { field, value, path: rest }]);
  }
  for (const [number, group] of deeper) writeMessage(writer, number, (inner) => writeLevel(inner, group));
}

function writeField(writer: WireWriter, field: FieldSchema, value: unknown): void {
  if (field.map) {
    for (const [key, item] of Object.entries(value as Record<string, unknown>))
      writeEntry(writer, field, { key, item });
  } else if (field.list && field.protobufWrapped === true) {
    writeStrings(writer, field.protobuf, value);
  } else if (field.list) {
    for (const item of value as readonly unknown[]) writeValue(writer, field, item);
  } else {
    writeValue(writer, field, value);
  }
}

function writeEntry(
  writer: WireWriter,
  field: FieldSchema,
  { key, item }: { readonly key: string; readonly item: unknown },
): void {
  writeMessage(writer, field.protobuf, (inner) => {
    writeString(inner, 1, key);
    if (field.list) writeStrings(inner, 2, item);
    else writeValue(inner, { ...field, map: false, protobuf: 2 }, item);
  });
}

function writeStrings(writer: WireWriter, number: number, value: unknown): void {
  writeMessage(writer, number, (inner) => {
    for (const text of (value ?? []) as readonly string[]) writeString(inner, 1, text);
  });
}

type Write = (writer: WireWriter, number: number, value: unknown) => void;

const specials: Readonly<Partial<Record<FieldSchema['type'], Write>>> = {
  string: (writer, number, value) => writeString(writer, number, String(value)),
  boolean: (writer, number, value) => writeInteger(writer, number, value === true ? 1 : 0),
  integer: (writer, number, value) => writeInteger(writer, number, value as number),
  number: (writer, number, value) => writeDouble(writer, number, value as number),
  bytes: (writer, number, value) => writeBytes(writer, number, fromBase64(String(value))),
  quantity: (writer, number, value) => writeMessage(writer, number, (inner) => writeString(inner, 1, String(value))),
  'int-or-string': writeIntOrString,
  time: (writer, number, value) => writeTime(writer, number, { text: value as string | null, micro: false }),
  'micro-time': (writer, number, value) => writeTime(writer, number, { text: value as string | null, micro: true }),
  any: writeRaw,
  object: writeRaw,
};

function writeValue(writer: WireWriter, field: FieldSchema, value: unknown): void {
  const { ref } = field;
  if (ref !== undefined) writeMessage(writer, field.protobuf, (inner) => writeStruct(inner, ref, value));
  else if (field.format?.startsWith('schema-or-') === true) writeSchemaOr(writer, field, value);
  else specials[field.type]?.(writer, field.protobuf, value);
}

function writeIntOrString(writer: WireWriter, number: number, value: unknown): void {
  writeMessage(writer, number, (inner) => {
    writeInteger(inner, 1, typeof value === 'string' ? 1 : 0);
    writeInteger(inner, 2, typeof value === 'number' ? value : 0);
    writeString(inner, 3, typeof value === 'string' ? value : '');
  });
}

function writeTime(
  writer: WireWriter,
  number: number,
  { text, micro }: { readonly text: string | null; readonly micro: boolean },
): void {
  writeMessage(writer, number, (inner) => {
    if (text === null) return;
    const instant = instantOf(text);
    writeInteger(inner, 1, instant.seconds);
    writeInteger(inner, 2, micro ? instant.nanos : 0);
  });
}

function writeRaw(writer: WireWriter, number: number, value: unknown): void {
  writeMessage(writer, number, (inner) => {
    if (value !== null && value !== undefined) writeString(inner, 1, JSON.stringify(value));
  });
}

const jsonSchemaType = 'apiextensions/v1.JSONSchemaProps';

function writeSchemaOr(writer: WireWriter, field: FieldSchema, value: unknown): void {
  writeMessage(writer, field.protobuf, (inner) => {
    const asSchema = (number: number, schema: unknown): void =>
      writeMessage(inner, number, (deeper) => writeStruct(deeper, jsonSchemaType, schema));
    const several = Array.isArray(value) ? (value as readonly unknown[]) : [];
    if (field.format === 'schema-or-bool') writeInteger(inner, 1, value === false ? 0 : 1);
    if (typeof value === 'object' && !Array.isArray(value)) asSchema(field.format === 'schema-or-bool' ? 2 : 1, value);
    else if (field.format === 'schema-or-array') for (const schema of several) asSchema(2, schema);
    else if (field.format === 'schema-or-strings') for (const text of several) writeString(inner, 2, String(text));
  });
}
