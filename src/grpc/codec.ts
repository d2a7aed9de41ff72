/** Encodes and decodes gRPC messages by their tables. */
import {
  readBytes,
  readString,
  readTag,
  readVarint,
  skipField,
  wireReader,
  type WireReader,
  wireWriter,
  type WireWriter,
  writeInteger,
  writeMessage,
  writeString,
  written,
} from '../api/index.ts';
import { setOwn } from '../base/index.ts';
import type { GrpcField, GrpcSchema } from './schema.ts';

/** A message as an object: see index.ts for what is absent. */
export type GrpcMessage = Readonly<Record<string, unknown>>;

function fieldsOf(schema: GrpcSchema, type: string): readonly GrpcField[] {
  const fields = schema.messages.get(type);
  if (fields === undefined) throw new RangeError(`${schema.package} has no message ${type}`);
  return fields;
}

/** Encodes a message; a field that is undefined, or what proto3 means by its absence, is left out. */
export function encodeGrpc(schema: GrpcSchema, type: string, message: GrpcMessage): Uint8Array {
  const writer = wireWriter();
  writeFields(schema, type, { writer, message });
  return written(writer);
}

interface Target {
  readonly writer: WireWriter;
  readonly message: GrpcMessage;
}

function writeFields(schema: GrpcSchema, type: string, { writer, message }: Target): void {
  for (const field of fieldsOf(schema, type)) {
    const value = message[field.name];
    if (value === undefined || value === null) continue;
    if (field.kind.type === 'map') writeMap(writer, field.number, value as Readonly<Record<string, string>>);
    else if (!field.repeated) writeOne(schema, field, { writer, value, always: false });
    else for (const item of value as readonly unknown[]) writeOne(schema, field, { writer, value: item, always: true });
  }
}

function writeMap(writer: WireWriter, number: number, map: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(map))
    writeMessage(writer, number, (entry) => {
      writeString(entry, 1, key);
      writeString(entry, 2, value);
    });
}

interface Written {
  readonly writer: WireWriter;
  readonly value: unknown;
  /** Written even where it is what absence means: an item of a list. */
  readonly always: boolean;
}

function writeOne(schema: GrpcSchema, { kind, number }: GrpcField, { writer, value, always }: Written): void {
  switch (kind.type) {
    case 'string':
      if (always || value !== '') writeString(writer, number, value as string);
      return;
    case 'bool':
      if (always || value === true) writeInteger(writer, number, value === true ? 1 : 0);
      return;
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      if (always || value !== 0) writeInteger(writer, number, value as number);
      return;
    case 'enum': {
      const known = schema.enums.get(kind.name)?.get(value as string);
      if (known === undefined) throw new RangeError(`${kind.name} has no value ${String(value)}`);
      if (always || known !== 0) writeInteger(writer, number, known);
      return;
    }
    case 'message':
      writeMessage(writer, number, (inner) => {
        writeFields(schema, kind.name, { writer: inner, message: value as GrpcMessage });
      });
      return;
    case 'wrapped':
      writeMessage(writer, number, (inner) => {
        writeInteger(inner, 1, Number(value));
      });
      return;
    case 'time':
      writeMessage(writer, number, (inner) => {
        writeInteger(inner, 1, Math.floor((value as number) / 1000));
        writeInteger(inner, 2, ((value as number) % 1000) * 1_000_000);
      });
      return;
    case 'map':
      throw new RangeError('a map is no single value');
  }
}

/** What a field reads as when the sender left it out. */
function absent({ kind, repeated, oneof }: GrpcField): unknown {
  if (repeated) return [];
  if (kind.type === 'map') return {};
  if (oneof !== undefined) return undefined;
  if (kind.type === 'string') return '';
  if (kind.type === 'bool') return false;
  return integers.has(kind.type) ? 0 : undefined;
}

/** Decodes a message. Unknown fields are passed over. Throws ProtobufError. Times are wall-clock ms. */
export function decodeGrpc(schema: GrpcSchema, type: string, bytes: Uint8Array): GrpcMessage {
  const fields = fieldsOf(schema, type);
  const message: Record<string, unknown> = {};
  for (const field of fields) message[field.name] = field.kind.type === 'enum' ? zero(schema, field) : absent(field);
  const byNumber = new Map(fields.map((field) => [field.number, field]));
  const reader = wireReader(bytes);
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    const field = byNumber.get(tag.field);
    if (field !== undefined && field.repeated && tag.wire === 2 && wireOf(field) === 0)
      readPacked(schema, field, { reader, into: message[field.name] as unknown[] });
    else if (field === undefined || tag.wire !== wireOf(field)) skipField(reader, tag.wire);
    else if (field.kind.type === 'map') readEntry(message[field.name] as Record<string, string>, readBytes(reader));
    else if (field.repeated) (message[field.name] as unknown[]).push(readOne(schema, field, reader));
    else message[field.name] = readOne(schema, field, reader);
  }
  return message;
}

/** Numbers of a list in one stretch of bytes. */
function readPacked(
  schema: GrpcSchema,
  field: GrpcField,
  { reader, into }: { readonly reader: WireReader; readonly into: unknown[] },
): void {
  const bytes = readBytes(reader);
  const packed = wireReader(bytes);
  while (packed.at < bytes.length) into.push(readOne(schema, field, packed));
}

const integers: ReadonlySet<string> = new Set(['int32', 'int64', 'uint32', 'uint64']);
const varints: ReadonlySet<string> = new Set(['bool', 'enum', ...integers]);
const wireOf = ({ kind }: GrpcField): number => (varints.has(kind.type) ? 0 : 2);

function zero(schema: GrpcSchema, field: GrpcField): unknown {
  return field.repeated ? [] : nameOf(schema, field, 0);
}

/** The name of an enum's number; a number that the table does not know as digits. */
function nameOf(schema: GrpcSchema, { kind }: GrpcField, number: number): string {
  const values = kind.type === 'enum' ? schema.enums.get(kind.name) : undefined;
  return [...(values ?? [])].find(([, value]) => value === number)?.[0] ?? String(number);
}

function readOne(schema: GrpcSchema, field: GrpcField, reader: WireReader): unknown {
  const { kind } = field;
  switch (kind.type) {
    case 'string':
      return readString(reader);
    case 'bool':
      return readVarint(reader) !== 0n;
    case 'int32':
    case 'int64':
      return Number(BigInt.asIntN(64, readVarint(reader)));
    case 'uint32':
    case 'uint64':
      return Number(readVarint(reader));
    case 'enum':
      return nameOf(schema, field, Number(readVarint(reader)));
    case 'message':
      return decodeGrpc(schema, kind.name, readBytes(reader));
    case 'wrapped': {
      const value = readPair(readBytes(reader))[0];
      return kind.of === 'bool' ? value !== 0 : value;
    }
    case 'time': {
      const [seconds, nanos] = readPair(readBytes(reader));
      return seconds * 1000 + Math.floor(nanos / 1_000_000);
    }
    case 'map':
      throw new RangeError('a map is no single value');
  }
}

/** The integers that are fields 1 and 2. */
function readPair(bytes: Uint8Array): readonly [number, number] {
  const pair: [number, number] = [0, 0];
  const reader = wireReader(bytes);
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader))
    if (tag.wire === 0 && (tag.field === 1 || tag.field === 2))
      pair[tag.field - 1] = Number(BigInt.asIntN(64, readVarint(reader)));
    else skipField(reader, tag.wire);
  return pair;
}

function readEntry(map: Record<string, string>, bytes: Uint8Array): void {
  const reader = wireReader(bytes);
  const entry = { key: '', value: '' };
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader))
    if (tag.wire === 2 && tag.field === 1) entry.key = readString(reader);
    else if (tag.wire === 2 && tag.field === 2) entry.value = readString(reader);
    else skipField(reader, tag.wire);
  setOwn(map, entry.key, entry.value);
}
