import type { JsonObject } from '../object.ts';
import { setOwn } from '../machinery/index.ts';
import { type FieldSchema, typeSchema } from '../schema/index.ts';
import { readScalar, scalarGoType, zeroScalar } from './scalar.ts';
import type { RepeatedEntries } from './json-reader.ts';
import { noteStrict, type Walk, wrongType } from './walk.ts';

export interface ConformOptions {
  /** Collect unknown and repeated fields. */
  readonly strict?: boolean;
  readonly repeated?: RepeatedEntries;
  /** The value is a map that upstream converts instead of decoding a text (what a strategic patch made): errors are its converter's, unknown fields are sorted. */
  readonly converts?: boolean;
}

export interface Conformed {
  readonly object: JsonObject;
  /** `unknown field "spec.foo"`, `duplicate field "spec.replicas"`, in the order of the document. */
  readonly strictErrors: readonly string[];
}

/**
 * Brings a parsed value into the shape of a type: unknown fields, nulls and empty optional values go, quantities and times
 * become canonical, fields stand in wire order. The value is not changed. Throws DecodeError when a value has a wrong type.
 */
export function conformObject(type: string, value: unknown, { strict: asked = false, repeated, converts = false }: ConformOptions = {}): Conformed {
  const strict = asked ? new Set<string>() : undefined;
  const walk: Walk = { strict, repeated, complete: false, converts, path: [], structs: [] };
  const object = value === null || value === undefined ? {} : conformStruct(type, value, walk);
  const strictErrors = [...(strict ?? [])];
  return { object, strictErrors: converts ? strictErrors.sort() : strictErrors };
}

/**
 * The object as upstream's encoder writes it: as conformObject does, and with what is always written (`status: {}`,
 * `creationTimestamp: null` of a pod template, `containers: null` …). The last step before an object is stored or shown.
 */
export function canonicalObject(type: string, object: unknown): JsonObject {
  return conformStruct(type, object, { strict: undefined, repeated: undefined, complete: true, converts: false, path: [], structs: [] });
}

function conformStruct(type: string, value: unknown, walk: Walk): JsonObject {
  const schema = typeSchema(type);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(walk, value, goStructType(type));
  walk.structs.push(type.slice(type.indexOf('.') + 1));
  const read = new Map<string, unknown>();
  for (const [name, item] of entriesOf(value, walk)) {
    const field = schema.fields.get(name);
    if (field === undefined) {
      noteStrict(walk, 'unknown', name);
      continue;
    }
    if (read.has(name)) noteStrict(walk, 'duplicate', name);
    walk.path.push(name);
    read.set(name, conformField(field, item, walk));
    walk.path.pop();
  }
  walk.structs.pop();
  return inWireOrder(schema.fields, read, walk);
}

function entriesOf(value: object, walk: Walk): readonly (readonly [string, unknown])[] {
  return walk.repeated?.get(value) ?? Object.entries(value);
}

function inWireOrder(fields: ReadonlyMap<string, FieldSchema>, read: ReadonlyMap<string, unknown>, walk: Walk): JsonObject {
  const object: JsonObject = {};
  for (const [name, field] of fields) {
    const value = read.get(name);
    if (value !== undefined) object[name] = value;
    else if (walk.complete && !field.omitEmpty) object[name] = alwaysWritten(field, walk);
  }
  return object;
}

function alwaysWritten(field: FieldSchema, walk: Walk): unknown {
  if (field.list || field.map || field.keepsEmpty) return null;
  if (field.ref !== undefined) return conformStruct(field.ref, {}, walk);
  return zeroScalar(field);
}

/** The field's value as it is kept; undefined when it is left out. */
function conformField(field: FieldSchema, value: unknown, walk: Walk): unknown {
  if (value === null || value === undefined) return undefined;
  if (field.map) return conformMap(field, value, walk);
  if (field.list) return conformList(field, value, walk);
  const kept = conformValue(field, value, walk);
  return field.omitEmpty && !field.keepsEmpty && (kept === '' || kept === false || kept === 0) ? undefined : kept;
}

function conformList(field: FieldSchema, value: unknown, walk: Walk): unknown[] | null | undefined {
  if (!Array.isArray(value)) throw wrongType(walk, value, `[]${goElementType(field)}`);
  if (value.length === 0 && field.omitEmpty) return undefined;
  // Storage knows no empty lists, so upstream shows none; the items of a list were never stored.
  if (value.length === 0 && walk.complete && !(walk.path.length === 1 && walk.path[0] === 'items')) return null;
  return value.map((item, index) => {
    walk.path.push(index);
    const kept = conformElement(field, item, walk);
    walk.path.pop();
    return kept;
  });
}

function conformMap(field: FieldSchema, value: unknown, walk: Walk): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(walk, value, `map[string]${field.list ? '[]' : ''}${goElementType(field)}`);
  const read = new Map<string, unknown>();
  for (const [key, item] of entriesOf(value, walk)) {
    if (read.has(key)) noteStrict(walk, 'duplicate', key);
    walk.path.push({ key });
    read.set(key, field.list ? (item === null ? null : conformEntryList(field, item, walk)) : conformElement(field, item, walk));
    walk.path.pop();
  }
  if (read.size === 0 && field.omitEmpty) return undefined;
  const object: JsonObject = {};
  for (const key of [...read.keys()].sort(byBytes)) setOwn(object, key, read.get(key));
  return object;
}

function conformEntryList(field: FieldSchema, value: unknown, walk: Walk): unknown {
  return conformList({ ...field, omitEmpty: false }, value, walk);
}

/** Go sorts keys by their bytes; JavaScript by UTF-16 units, which differs only beyond the basic plane. */
function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A list element or a map's value: null stands for the empty value. */
function conformElement(field: FieldSchema, value: unknown, walk: Walk): unknown {
  if (value !== null && value !== undefined) return conformValue(field, value, walk);
  if (field.ref !== undefined) return conformStruct(field.ref, {}, walk);
  return field.type === 'bytes' ? '' : zeroScalar(field);
}

function conformValue(field: FieldSchema, value: unknown, walk: Walk): unknown {
  if (field.ref !== undefined) return conformStruct(field.ref, value, walk);
  if (field.format?.startsWith('schema-or-') === true) return conformSchemaOr(field.format, value, walk);
  return readScalar(value, field, walk);
}

const jsonSchemaType = 'apiextensions/v1.JSONSchemaProps';

/** Fields of a JSON schema that hold a schema or something simpler. They decode themselves, so nothing inside is checked strictly. */
function conformSchemaOr(format: string, value: unknown, walk: Walk): unknown {
  const quiet: Walk = { ...walk, strict: undefined };
  if (format === 'schema-or-bool' && typeof value === 'boolean') return value;
  if (format === 'schema-or-array' && Array.isArray(value)) return value.map((item: unknown) => conformStruct(jsonSchemaType, item, quiet));
  if (format === 'schema-or-strings' && Array.isArray(value)) return value;
  return conformStruct(jsonSchemaType, value, quiet);
}

function goElementType(field: FieldSchema): string {
  return field.ref === undefined ? scalarGoType(field) : goStructType(field.ref);
}

/** `v1.PodSpec` of `core/v1.PodSpec`: Go prints the package, which is named by its version. */
function goStructType(type: string): string {
  return type.slice(type.indexOf('/') + 1);
}
