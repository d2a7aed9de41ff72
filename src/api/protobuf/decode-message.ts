/** Decodes protobuf messages by the schema tables. */

import type { JsonObject } from '../object.ts';
import { limits, setOwn } from '../../base/index.ts';
import { type FieldSchema, type TypeSchema, typeSchema } from '../schema/index.ts';
import { inexactText, isKeptInteger } from '../machinery/index.ts';
import { overProtobuf, readNested, readSpecial } from './decode-special.ts';
import {
  ProtobufError,
  readBytes,
  readDouble,
  readString,
  readTag,
  readVarint,
  skipField,
  type WireReader,
  wireReader,
  wireTypes,
} from './wire-reader.ts';

/** Fields of one level of a message by number: real fields, and embedded messages whose fields JSON has inline. */
interface Level {
  readonly fields: ReadonlyMap<number, FieldSchema>;
  readonly inside: ReadonlyMap<number, Level>;
}

const levels = new WeakMap<TypeSchema, Level>();
const depthMax = 500;

/** How deep a message lies in the whole one, and how many fields that may still have, at all depths together. */
interface Nesting {
  readonly depth: number;
  readonly budget: { fields: number; readonly entries: Map<object, number> };
}

function unbounded(): Nesting {
  return { depth: 0, budget: { fields: Infinity, entries: new Map() } };
}

/**
 * Decodes a message (without an envelope) to what JSON would hold. Unknown fields are passed over. Throws
 * ProtobufError.
 */
export function decodeMessage(type: string, bytes: Uint8Array, nesting: Nesting = unbounded()): JsonObject {
  if (nesting.depth > depthMax) throw overProtobuf('depth', 'proto: message is nested too deep');
  const object: JsonObject = {};
  readLevel(levelOf(typeSchema(type)), wireReader(bytes), { object, ...nesting });
  return object;
}

function levelOf(type: TypeSchema): Level {
  const known = levels.get(type);
  if (known !== undefined) return known;
  const level = makeLevel([...type.fields.values()].map((field) => ({ field, path: field.protobufInside ?? [] })));
  levels.set(type, level);
  return level;
}

interface Placed {
  readonly field: FieldSchema;
  readonly path: readonly number[];
}

function makeLevel(placed: readonly Placed[]): Level {
  const fields = new Map<number, FieldSchema>();
  const deeper = new Map<number, Placed[]>();
  for (const { field, path } of placed) {
    const [first, ...rest] = path;
    if (first === undefined) {
      if (field.protobuf > 0) fields.set(field.protobuf, field);
      continue;
    }
    const group = deeper.get(first) ?? [];
    group.push({ field, path: rest });
    deeper.set(first, group);
  }
  return { fields, inside: new Map([...deeper].map(([number, group]) => [number, makeLevel(group)])) };
}

interface Target extends Nesting {
  readonly object: JsonObject;
}

/** Counts a field, known or not. */
function spend({ budget }: Nesting): void {
  budget.fields -= 1;
  if (budget.fields < 0) throw overProtobuf('values', 'proto: the message has too many fields');
}

function readLevel(level: Level, reader: WireReader, target: Target): void {
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    spend(target);
    const field = level.fields.get(tag.field);
    const inside = level.inside.get(tag.field);
    if (inside !== undefined && tag.wire === wireTypes.bytes) readLevel(inside, wireReader(readBytes(reader)), target);
    else if (field === undefined) skipField(reader, tag.wire);
    else readField(field, reader, { ...target, wire: tag.wire });
  }
}

function readField(
  field: FieldSchema,
  reader: WireReader,
  { object, depth, budget, wire }: Target & { readonly wire: number },
): void {
  if (field.map) {
    const map = (object[field.name] ??= {}) as JsonObject;
    spendEntry(budget, map);
    readEntry(field, readBytes(reader), { object: map, depth, budget });
  } else if (field.list && field.protobufWrapped === true) {
    object[field.name] = readStrings(readBytes(reader), { depth, budget });
  } else if (field.list) {
    const list = (object[field.name] ??= []) as unknown[];
    const packed = wire === wireTypes.bytes && (field.type === 'integer' || field.type === 'boolean');
    if (!packed) list.push(readValue(field, reader, { depth, budget, wire }));
    else
      for (const inner = wireReader(readBytes(reader)); inner.at < inner.end;) {
        spend({ depth, budget });
        list.push(readValue(field, inner, { depth, budget, wire: wireTypes.varint }));
      }
  } else {
    object[field.name] = readValue(field, reader, { depth, budget, wire });
  }
}

/** Counts an entry of a map. */
function spendEntry({ entries, fields }: Nesting['budget'], map: object): void {
  const count = (entries.get(map) ?? 0) + 1;
  if (count > limits.bodyMembersMax && fields !== Infinity)
    throw overProtobuf('values', 'proto: a map has too many entries');
  entries.set(map, count);
}

const values = new WeakMap<FieldSchema, FieldSchema>();

/** The field of a map's values. */
function valueOf(field: FieldSchema): FieldSchema {
  const known = values.get(field);
  if (known !== undefined) return known;
  const made = { ...field, map: false };
  values.set(field, made);
  return made;
}

function readEntry(field: FieldSchema, bytes: Uint8Array, { object, ...nesting }: Target): void {
  const reader = wireReader(bytes);
  let key = '';
  let value: unknown;
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    spend(nesting);
    if (tag.field === 1) key = readString(reader);
    else if (tag.field === 2)
      value = field.list
        ? readStrings(readBytes(reader), nesting)
        : readValue(valueOf(field), reader, { ...nesting, wire: tag.wire });
    else skipField(reader, tag.wire);
  }
  setOwn(object, key, value ?? null);
}

function readStrings(bytes: Uint8Array, nesting: Nesting): string[] {
  const reader = wireReader(bytes);
  const strings: string[] = [];
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    spend(nesting);
    if (tag.field === 1) strings.push(readString(reader));
    else skipField(reader, tag.wire);
  }
  return strings;
}

function readValue(
  field: FieldSchema,
  reader: WireReader,
  { depth, budget, wire }: Nesting & { readonly wire: number },
): unknown {
  const expected =
    field.type === 'integer' || field.type === 'boolean'
      ? wireTypes.varint
      : field.type === 'number'
        ? wireTypes.fixed64
        : wireTypes.bytes;
  if (wire !== expected) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${field.name}`);
  if (field.type === 'boolean') return readVarint(reader) !== 0n;
  if (field.type === 'integer') return readInteger(field, reader);
  if (field.type === 'number') return readDouble(reader);
  if (field.type === 'string') return readString(reader);
  const bytes = readBytes(reader);
  if (field.ref !== undefined) return decodeMessage(field.ref, bytes, { depth: depth + 1, budget });
  if (field.format?.startsWith('schema-or-') === true)
    return readNested(field.format, bytes, (inner) =>
      decodeMessage('apiextensions/v1.JSONSchemaProps', inner, { depth: depth + 1, budget }),
    );
  return readSpecial(field, bytes);
}

function readInteger(field: FieldSchema, reader: WireReader): number {
  const value = readVarint(reader);
  if (field.format !== 'int32' && !isKeptInteger(value))
    throw new ProtobufError(inexactText(String(value), field.name));
  return Number(field.format === 'int32' ? BigInt.asIntN(32, value) : value);
}
