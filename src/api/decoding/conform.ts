/** Brings a parsed object into the shape of its type: known fields, typed values, wire order. */

import type { JsonObject } from '../object.ts';
import { setOwn } from '../../base/index.ts';
import type { FieldSchema } from '../schema/index.ts';
import { scalarGoType, zeroScalar } from './scalar.ts';
import type { RepeatedEntries } from './json-reader.ts';
import { NumberLiteral } from './number-literal.ts';
import { type FieldPlan, planOf, type StructPlan } from './struct-plan.ts';
import { noteStrict, type Walk, wrongType } from './walk.ts';

interface ConformOptions {
  /** Collect unknown and repeated fields. */
  readonly strict?: boolean;
  readonly repeated?: RepeatedEntries | undefined;
  /**
   * The value is a map that upstream converts instead of decoding a text (what a strategic patch made): errors are its
   * converter's, unknown fields are sorted.
   */
  readonly converts?: boolean;
  /** A caller in this process keeps the value: no part of it becomes part of the result. */
  readonly shared?: boolean | undefined;
  /**
   * The value is nobody else's: parts of it that are as they should be become parts of the result, which may be changed
   * later.
   */
  readonly owned?: boolean;
  /** The value may hold NumberLiterals in place of numbers. */
  readonly literals?: boolean | undefined;
}

export interface Conformed {
  readonly object: JsonObject;
  /** `unknown field "spec.foo"`, `duplicate field "spec.replicas"`, in the order of the document. */
  readonly strictErrors: readonly string[];
}

/**
 * Brings a parsed value into the shape of a type: unknown fields, nulls and empty optional values go, quantities and
 * times become canonical, fields stand in wire order. The value is not changed. Throws DecodeError when a value has a
 * wrong type.
 */
export function conformObject(
  type: string,
  value: unknown,
  {
    strict: asked = false,
    repeated,
    converts = false,
    owned = false,
    shared = false,
    literals = false,
  }: ConformOptions = {},
): Conformed {
  const strict = asked ? new Set<string>() : undefined;
  const walk: Walk = {
    strict,
    repeated,
    complete: false,
    converts,
    keeps: owned,
    copies: shared,
    literals,
    path: [],
    structs: [],
  };
  const object = value === null || value === undefined ? {} : conformStruct(type, value, walk);
  const strictErrors = [...(strict ?? [])];
  return { object, strictErrors: converts ? strictErrors.sort() : strictErrors };
}

/**
 * The object as upstream's encoder writes it: as conformObject does, and with what is always written (`status: {}`,
 * `creationTimestamp: null` of a pod template, `containers: null` …). The last step before an object is stored or
 * shown: parts of the object that are in that form already are parts of the result, too.
 */
export function canonicalObject(type: string, object: unknown): JsonObject {
  return conformStruct(type, object, {
    strict: undefined,
    repeated: undefined,
    complete: true,
    converts: false,
    keeps: true,
    copies: false,
    literals: false,
    path: [],
    structs: [],
  });
}

function conformStruct(type: string, value: unknown, walk: Walk): JsonObject {
  const plan = planOf(type);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NumberLiteral)
    throw wrongType(walk, value, goStructType(type));
  walk.structs.push(plan.goName);
  const repeated = walk.repeated?.get(value);
  const read = new Array<unknown>(plan.inWireOrder.length);
  const same =
    repeated === undefined
      ? readMembers(plan, value as JsonObject, { read, walk })
      : readEntries(plan, repeated, { read, walk });
  walk.structs.pop();
  return same && walk.keeps ? (value as JsonObject) : inWireOrder(plan, read, walk);
}

interface Reading {
  /** Values by the position of their field. */
  readonly read: unknown[];
  readonly walk: Walk;
}

/** Reads the fields of an object; true when it is already what it should become. */
function readMembers(plan: StructPlan, value: JsonObject, { read, walk }: Reading): boolean {
  let same = true;
  let last = -1;
  let always = 0;
  for (const name in value) {
    const field = plan.byName.get(name);
    if (field === undefined) {
      noteStrict(walk, 'unknown', name);
      same = false;
      continue;
    }
    const item = value[name];
    walk.path.push(name);
    const kept = conformField(field, item, walk);
    walk.path.pop();
    read[field.position] = kept;
    if (kept === undefined || kept !== item || field.position < last) same = false;
    if (field.always) always += 1;
    last = field.position;
  }
  return same && (!walk.complete || always === plan.alwaysCount);
}

/** Reads the fields of an object that has some of them twice: the last one counts. */
function readEntries(
  plan: StructPlan,
  entries: readonly (readonly [string, unknown])[],
  { read, walk }: Reading,
): false {
  const seen = new Set<string>();
  for (const [name, item] of entries) {
    const field = plan.byName.get(name);
    if (field === undefined) {
      noteStrict(walk, 'unknown', name);
      continue;
    }
    if (seen.has(name)) noteStrict(walk, 'duplicate', name);
    seen.add(name);
    walk.path.push(name);
    read[field.position] = conformField(field, item, walk);
    walk.path.pop();
  }
  return false;
}

function inWireOrder(plan: StructPlan, read: readonly unknown[], walk: Walk): JsonObject {
  const object: JsonObject = {};
  for (const field of plan.inWireOrder) {
    const value = read[field.position];
    if (value !== undefined) object[field.name] = value;
    else if (walk.complete && field.always) object[field.name] = alwaysWritten(field.schema, walk);
  }
  return object;
}

function alwaysWritten(field: FieldSchema, walk: Walk): unknown {
  if (field.list || field.map || field.keepsEmpty) return null;
  if (field.ref !== undefined) return conformStruct(field.ref, {}, walk);
  return zeroScalar(field);
}

/** The field's value as it is kept; undefined when it is left out. */
function conformField(field: FieldPlan, value: unknown, walk: Walk): unknown {
  if (value === null || value === undefined) return undefined;
  if (field.map) return conformMap(field, value, walk);
  if (field.list) return conformList(field, value, walk);
  const kept = conformValue(field, value, walk);
  return field.omitsZero && (kept === '' || kept === false || kept === 0) ? undefined : kept;
}

function conformList(
  field: FieldPlan,
  value: unknown,
  walk: Walk,
  omitsEmpty = field.omitsEmpty,
): unknown[] | null | undefined {
  if (!Array.isArray(value)) throw wrongType(walk, value, `[]${goElementType(field.schema)}`);
  if (value.length === 0 && omitsEmpty) return undefined;
  // Storage knows no empty lists, so upstream shows none; the items of a list were never stored.
  if (value.length === 0 && walk.complete && !(walk.path.length === 1 && walk.path[0] === 'items'))
    return field.always || field.map ? null : undefined;
  let same = walk.keeps;
  const conformed = value.map((item: unknown, index) => {
    walk.path.push(index);
    const kept = conformElement(field, item, walk);
    walk.path.pop();
    if (kept !== item) same = false;
    return kept;
  });
  return same ? (value as unknown[]) : conformed;
}

function conformMap(field: FieldPlan, value: unknown, walk: Walk): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof NumberLiteral)
    throw wrongType(walk, value, `map[string]${field.list ? '[]' : ''}${goElementType(field.schema)}`);
  const repeated = walk.repeated?.get(value);
  if (repeated === undefined && field.texts && allTexts(value)) return conformTexts(field, value as JsonObject, walk);
  const all = repeated ?? Object.entries(value);
  const entries = presentEntries(all);
  if (entries.length === 0 && field.omitsEmpty) return undefined;
  const seen = repeated === undefined ? undefined : new Set<string>();
  let same = walk.keeps && repeated === undefined && entries === all;
  let last = '';
  const kept = entries.map(([key, item]) => {
    if (seen?.has(key) === true) noteStrict(walk, 'duplicate', key);
    seen?.add(key);
    walk.path.push({ key });
    const one = field.list
      ? item === null
        ? null
        : conformList(field, item, walk, false)
      : conformElement(field, item, walk);
    walk.path.pop();
    if (one !== item || key < last) same = false;
    last = key;
    return one;
  });
  return same ? (value as JsonObject) : sortedMap(entries, kept);
}

function allTexts(value: object): boolean {
  for (const member of Object.values(value)) if (typeof member !== 'string') return false;
  return true;
}

/** A map of nothing but texts, which may be long: only its order can be wrong. */
function conformTexts(field: FieldPlan, texts: JsonObject, walk: Walk): JsonObject | undefined {
  const keys = Object.keys(texts);
  if (keys.length === 0 && field.omitsEmpty) return undefined;
  if (walk.keeps && isSorted(keys)) return texts;
  const sorted: JsonObject = {};
  for (const key of keys.sort()) setOwn(sorted, key, texts[key]);
  return sorted;
}

function isSorted(keys: readonly string[]): boolean {
  let last = '';
  for (const key of keys) {
    if (key < last) return false;
    last = key;
  }
  return true;
}

type Entries = readonly (readonly [string, unknown])[];

/** A key whose value is undefined is absent, as in JSON. */
function presentEntries(entries: Entries): Entries {
  for (const [, item] of entries) if (item === undefined) return entries.filter(([, present]) => present !== undefined);
  return entries;
}

/** Of a repeated key the last value counts. */
function sortedMap(entries: readonly (readonly [string, unknown])[], kept: readonly unknown[]): JsonObject {
  const read = new Map(entries.map(([key], i) => [key, kept[i]]));
  const object: JsonObject = {};
  for (const key of [...read.keys()].sort(byBytes)) setOwn(object, key, read.get(key));
  return object;
}

/** Go sorts keys by their bytes; JavaScript by UTF-16 units, which differs only beyond the basic plane. */
function byBytes(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A list element or a map's value: null stands for the empty value. */
function conformElement(field: FieldPlan, value: unknown, walk: Walk): unknown {
  if (value !== null && value !== undefined) return conformValue(field, value, walk);
  if (field.struct !== '') return conformStruct(field.struct, {}, walk);
  return field.schema.type === 'bytes' ? '' : zeroScalar(field.schema);
}

function conformValue(field: FieldPlan, value: unknown, walk: Walk): unknown {
  if (field.struct !== '') return conformStruct(field.struct, value, walk);
  if (field.schemaOr) return conformSchemaOr(field.schema.format, value, walk);
  return field.read(value, field.schema, walk);
}

const jsonSchemaType = 'apiextensions/v1.JSONSchemaProps';

/**
 * Fields of a JSON schema that hold a schema or something simpler. They decode themselves, so nothing inside is checked
 * strictly.
 */
function conformSchemaOr(format: string | undefined, value: unknown, walk: Walk): unknown {
  const quiet: Walk = { ...walk, strict: undefined };
  if (format === 'schema-or-bool' && typeof value === 'boolean') return value;
  if (format === 'schema-or-array' && Array.isArray(value))
    return value.map((item: unknown) => conformStruct(jsonSchemaType, item, quiet));
  if (format === 'schema-or-strings' && Array.isArray(value)) return walk.copies ? value.slice() : value;
  return conformStruct(jsonSchemaType, value, quiet);
}

function goElementType(field: FieldSchema): string {
  return field.ref === undefined ? scalarGoType(field) : goStructType(field.ref);
}

/** `v1.PodSpec` of `core/v1.PodSpec`: Go prints the package, which is named by its version. */
function goStructType(type: string): string {
  return type.slice(type.indexOf('/') + 1);
}
