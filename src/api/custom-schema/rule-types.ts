/** The CEL types that validation rules see at each place of a schema. */

import { isObject } from '../../base/index.ts';
import type { CelEnvironment } from '../cel/index.ts';
import { celDuration, celEqual, celValue, isReservedWord, keyedList, setList } from '../cel/index.ts';
import { deepEqual } from '../machinery/index.ts';
import { itemsOf, type JsonSchema, valuesOf } from './definition.ts';
import { durationOf } from './formats.ts';

/** The type that expressions see at a place of a schema, and how a value gets there. */
export interface RuleType {
  readonly name: string;
  convert(value: unknown): unknown;
}

const anything: RuleType = { name: 'dyn', convert: celValue };
const plainTypes: Readonly<Record<string, RuleType>> = {
  boolean: { name: 'bool', convert: celValue },
  integer: { name: 'int', convert: celValue },
  number: { name: 'double', convert: (value) => (typeof value === 'number' ? value : celValue(value)) },
};

/** Declares the types of a schema in an environment: every object with properties is a type. */
export function declareType(
  environment: CelEnvironment,
  schema: JsonSchema | undefined,
  at: { readonly name: string; readonly root: boolean },
): RuleType {
  return typeOf(schema, { environment, ...at });
}

/** Whether expressions see values of a schema: what has no type they do not, nor lists and maps of it. */
function isExposed(schema: JsonSchema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return true;
  const inner = schema.type === 'array' ? itemsOf(schema) : schema.type === 'object' ? valuesOf(schema) : undefined;
  return schema.type === 'array'
    ? inner !== undefined && isExposed(inner)
    : (schema.type ?? '') !== '' && (inner === undefined || isExposed(inner));
}

interface Place {
  readonly environment: CelEnvironment;
  readonly name: string;
  readonly root: boolean;
}

const inner = (place: Place, step: string): Place => ({ ...place, name: `${place.name}.${step}`, root: false });

function typeOf(schema: JsonSchema | undefined, place: Place): RuleType {
  if (schema === undefined || schema['x-kubernetes-int-or-string'] === true) return anything;
  const { type = '' } = schema;
  if (type === 'array') return listType(schema, place);
  if (type === 'string') return textType(schema.format);
  if (type !== 'object') return plainTypes[type] ?? anything;
  const values = valuesOf(schema);
  return values === undefined ? objectType(schema, place) : mapType(elementType(values, inner(place, 'values')));
}

/** Elements may be null, which fields are not: a field that is null is absent. */
function elementType(schema: JsonSchema | undefined, place: Place): RuleType {
  const type = typeOf(schema, place);
  return schema?.nullable === true
    ? { name: 'dyn', convert: (value) => (value === null ? null : type.convert(value)) }
    : type;
}

/** Sets and keyed lists are equal in any order, and their sums have each element once. */
function listType(schema: JsonSchema, place: Place): RuleType {
  const items = elementType(itemsOf(schema), inner(place, 'items'));
  const mark = markOf(schema);
  const convert = (list: readonly unknown[]): unknown => {
    const converted = list.map((item) => items.convert(item));
    return mark?.(converted) ?? converted;
  };
  return { name: `list<${items.name}>`, convert: (value) => (Array.isArray(value) ? convert(value) : celValue(value)) };
}

function markOf(schema: JsonSchema): ((list: readonly unknown[]) => readonly unknown[]) | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return setList;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapedName(key) ?? key);
  return schema['x-kubernetes-list-type'] === 'map' ? (list) => keyedList(list, keys) : undefined;
}

function mapType(values: RuleType): RuleType {
  const convert = (value: unknown): unknown =>
    isObject(value)
      ? new Map(Object.entries(value).map(([key, member]) => [key, values.convert(member)]))
      : celValue(value);
  return { name: `map<string, ${values.name}>`, convert };
}

function textType(format: string | undefined): RuleType {
  if (format === 'duration')
    return { name: 'google.protobuf.Duration', convert: (value) => celDuration(durationOf(String(value)) ?? 0n) };
  if (format === 'date-time' || format === 'datetime' || format === 'date')
    return { name: 'google.protobuf.Timestamp', convert: dateOf };
  if (format === 'byte')
    return {
      name: 'bytes',
      convert: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value),
    };
  return { name: 'string', convert: celValue };
}

function dateOf(value: unknown): unknown {
  const date = new Date(String(value));
  return Number.isNaN(date.getTime()) ? value : date;
}

const text: JsonSchema = { type: 'string' };
const objectFields: Readonly<Record<string, JsonSchema>> = {
  apiVersion: text,
  kind: text,
  metadata: { type: 'object', properties: { name: text, generateName: text } },
};

interface Field {
  readonly names: readonly string[];
  readonly type: RuleType;
}

/**
 * An object with the fields of its schema; those that are null are absent. Knows the whole value, to compare what
 * expressions do not see, too.
 */
class Message extends Map<string, unknown> {
  readonly whole: Readonly<Record<string, unknown>>;
  readonly seen: ReadonlyMap<string, Field>;

  constructor(whole: Readonly<Record<string, unknown>>, seen: ReadonlyMap<string, Field>) {
    super();
    this.whole = whole;
    this.seen = seen;
    for (const [field, { names, type }] of seen) {
      const value = whole[field] ?? undefined;
      if (value === undefined) continue;
      const converted = type.convert(value);
      for (const name of names) this.set(name, converted);
    }
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Message) || Object.keys(this.whole).length !== Object.keys(other.whole).length) return false;
    return Object.entries(this.whole).every(([field, value]) => {
      const [name] = this.seen.get(field)?.names ?? [];
      if (name !== undefined)
        return this.has(name) ? other.has(name) && celEqual(this.get(name), other.get(name)) : !other.has(name);
      return other.whole[field] === undefined || deepEqual(value, other.whole[field]);
    });
  }
}

function objectType(schema: JsonSchema, place: Place): RuleType {
  const { environment, name } = place;
  const known =
    place.root || schema['x-kubernetes-embedded-resource'] === true
      ? { ...schema.properties, ...objectFields }
      : (schema.properties ?? {});
  const fields = new Map<string, Field>();
  for (const [field, property] of Object.entries(known)) {
    const escaped = escapedName(field);
    if (escaped !== undefined && isExposed(property))
      fields.set(field, {
        names: isReservedWord(field) ? [escaped, field] : [escaped],
        type: typeOf(property, inner(place, escaped)),
      });
  }
  class Own extends Message {}
  const declared = [...fields.values()].flatMap(({ names, type }) => names.map((one) => [one, type.name] as const));
  environment.registerType(name, { ctor: Own, fields: Object.fromEntries(declared) });
  environment.registerOperator(`${name} == ${name}`, celEqual).registerOperator(`${name} == null`, celEqual);
  return { name, convert: (value) => (isObject(value) ? new Own(value, fields) : celValue(value)) };
}

const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** A field's name as expressions spell it (reserved words also as they are); undefined when they cannot name it. */
export function escapedName(field: string): string | undefined {
  if (isReservedWord(field)) return `__${field}__`;
  if (!/^[A-Za-z_][A-Za-z0-9_.\-/]*$/.test(field)) return undefined;
  return field.replace(/__|[.\-/]/g, (found) => escapes[found] ?? found);
}
