import type { CelEnvironment } from '../cel/index.ts';
import { celEqual, celValue } from '../cel/index.ts';
import { isRecord, itemsOf, type JsonSchema, valuesOf } from './definition.ts';

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

/** Declares the types of a schema in an environment: every object with fields of its own is a type of its own. */
export function declareType(environment: CelEnvironment, schema: JsonSchema | undefined, at: { readonly name: string; readonly root: boolean }): RuleType {
  if (schema === undefined || schema['x-kubernetes-int-or-string'] === true) return anything;
  const type = bareType(environment, schema, at);
  if (schema.nullable !== true) return type;
  return { name: 'dyn', convert: (value) => (value === null ? null : type.convert(value)) };
}

function bareType(environment: CelEnvironment, schema: JsonSchema, at: { readonly name: string; readonly root: boolean }): RuleType {
  const { type = '' } = schema;
  if (type === 'array') return listType(declareType(environment, itemsOf(schema), { name: `${at.name}.items`, root: false }));
  if (type === 'string') return textType(schema.format);
  if (type !== 'object') return plainTypes[type] ?? anything;
  const values = valuesOf(schema);
  if (values !== undefined) return mapType(declareType(environment, values, { name: `${at.name}.values`, root: false }));
  if (Object.keys(schema.properties ?? {}).length === 0 && !at.root && schema['x-kubernetes-preserve-unknown-fields'] === true) return anything;
  return objectType(environment, schema, at);
}

function listType(items: RuleType): RuleType {
  return { name: `list<${items.name}>`, convert: (value) => (Array.isArray(value) ? value.map((item) => items.convert(item)) : celValue(value)) };
}

function mapType(values: RuleType): RuleType {
  const convert = (value: unknown): unknown => (isRecord(value) ? new Map(Object.entries(value).map(([key, member]) => [key, values.convert(member)])) : celValue(value));
  return { name: `map<string, ${values.name}>`, convert };
}

function textType(format: string | undefined): RuleType {
  if (format === 'date-time' || format === 'datetime' || format === 'date') return { name: 'google.protobuf.Timestamp', convert: dateOf };
  if (format === 'byte') return { name: 'bytes', convert: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value) };
  return { name: 'string', convert: celValue };
}

function dateOf(value: unknown): unknown {
  const date = new Date(String(value));
  return Number.isNaN(date.getTime()) ? value : date;
}

const text: JsonSchema = { type: 'string' };
const objectFields: Readonly<Record<string, JsonSchema>> = { apiVersion: text, kind: text, metadata: { type: 'object', properties: { name: text, generateName: text } } };

function objectType(environment: CelEnvironment, schema: JsonSchema, { name, root }: { readonly name: string; readonly root: boolean }): RuleType {
  const known = root || schema['x-kubernetes-embedded-resource'] === true ? { ...schema.properties, ...objectFields } : (schema.properties ?? {});
  const fields = new Map<string, { readonly name: string; readonly type: RuleType }>();
  for (const [field, property] of Object.entries(known)) {
    const escaped = escapedName(field);
    const typed = property.type !== undefined || property['x-kubernetes-int-or-string'] === true;
    if (escaped !== undefined && typed) fields.set(field, { name: escaped, type: declareType(environment, property, { name: `${name}.${escaped}`, root: false }) });
  }
  class Message extends Map<string, unknown> {}
  environment.registerType(name, { ctor: Message, fields: Object.fromEntries([...fields.values()].map((field) => [field.name, field.type.name])) });
  environment.registerOperator(`${name} == ${name}`, celEqual);
  return {
    name,
    convert(value) {
      if (!isRecord(value)) return celValue(value);
      const message = new Message();
      for (const [field, { name: escaped, type }] of fields) if (value[field] !== undefined) message.set(escaped, type.convert(value[field]));
      return message;
    },
  };
}

const reserved: ReadonlySet<string> = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while',
]);
const escapes: Readonly<Record<string, string>> = { '__': '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** A field's name as expressions spell it; undefined when they cannot name it. */
export function escapedName(field: string): string | undefined {
  if (reserved.has(field)) return `__${field}__`;
  if (!/^[A-Za-z_][A-Za-z0-9_.\-/]*$/.test(field)) return undefined;
  return field.replace(/__|[.\-/]/g, (found) => escapes[found] ?? found);
}
