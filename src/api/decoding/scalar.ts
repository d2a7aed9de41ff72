/** Reads scalar values (numbers, quantities, times, bytes) as Go's decoder does. */

import {
  canonicalMicroTime,
  canonicalQuantity,
  canonicalTime,
  inexactText,
  isInt64,
  microTimeLayout,
  QuantityError,
  timeLayout,
  timeProblem,
} from '../machinery/index.ts';
import type { FieldSchema, FieldType } from '../schema/index.ts';
import { exactInteger, NumberLiteral, withNumbers } from './number-literal.ts';
import { DecodeError, fieldPath, type Walk, wrongType, wrongValueType } from './walk.ts';

/** Gives a non-null JSON value as the server keeps it. Throws DecodeError. */
export type Read = (value: unknown, field: FieldSchema, walk: Walk) => unknown;

const int32Max = 2 ** 31 - 1;
const int64Bound = 2 ** 63;
const goTypes: Readonly<Partial<Record<FieldType, string>>> = {
  string: 'string',
  boolean: 'bool',
  number: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
};
const apiTypes: Readonly<Partial<Record<FieldType, string>>> = {
  'int-or-string': 'intstr.IntOrString',
  time: 'v1.Time',
  'micro-time': 'v1.MicroTime',
  any: 'runtime.RawExtension',
};

/** Name of a scalar's type as Go's errors have it. */
export function scalarGoType(field: FieldSchema): string {
  if (field.type === 'integer') return field.format ?? 'int64';
  return goTypes[field.type] ?? apiTypes[field.type] ?? 'object';
}

const readers: Readonly<Partial<Record<FieldType, Read>>> = {
  string: (value, field, walk) => (typeof value === 'string' ? value : refuse(value, field, walk)),
  boolean: (value, field, walk) => (typeof value === 'boolean' ? value : refuse(value, field, walk)),
  number: readFloat,
  integer: readInteger,
  bytes: readBytes,
  quantity: readQuantity,
  'int-or-string': readIntOrString,
  time: (value) => readTime(value, canonicalTime, timeLayout),
  'micro-time': (value) => readTime(value, canonicalMicroTime, microTimeLayout),
};

/** A value that has no schema: any JSON. */
const asItIs: Read = (value, _field, { copies, literals }) => {
  if (copies) return JSON.parse(JSON.stringify(value)) as unknown;
  return literals ? withNumbers(value) : value;
};

export function readerOf(type: FieldType): Read {
  return readers[type] ?? asItIs;
}

/** What an absent value of this type is when it must be written. */
export function zeroScalar(field: FieldSchema): unknown {
  if (field.type === 'string') return '';
  if (field.type === 'boolean') return false;
  if (field.type === 'integer' || field.type === 'number' || field.type === 'int-or-string') return 0;
  return field.type === 'quantity' ? '0' : null;
}

function refuse(value: unknown, field: FieldSchema, walk: Walk): never {
  throw wrongType(walk, value, scalarGoType(field));
}

function readFloat(value: unknown, field: FieldSchema, walk: Walk): number {
  const number = value instanceof NumberLiteral ? Number(value.source) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : refuse(value, field, walk);
}

function readInteger(value: unknown, field: FieldSchema, walk: Walk): number {
  if (value instanceof NumberLiteral) return readLiteral(value, field, walk);
  if (typeof value !== 'number' || !Number.isInteger(value)) return refuse(value, field, walk);
  const outside = field.format === 'int32' ? value > int32Max || value < -int32Max - 1 : Math.abs(value) >= int64Bound;
  return outside ? refuse(value, field, walk) : value;
}

function readLiteral(literal: NumberLiteral, field: FieldSchema, walk: Walk): number {
  const { source } = literal;
  if (!isInt64(source)) return refuse(literal, field, walk);
  if (field.format === 'int32' && Math.abs(Number(source)) > int32Max) return refuse(literal, field, walk);
  return exactInteger(source, () => new DecodeError(inexactText(source, fieldPath(walk))));
}

function readIntOrString(value: unknown): string | number {
  if (typeof value === 'string') return value;
  if (value instanceof NumberLiteral && value.source === '-0') return 0;
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > int32Max)
    throw wrongValueType(value, 'int32');
  return value;
}

function readQuantity(value: unknown): string {
  const text = value instanceof NumberLiteral ? value.source : value;
  try {
    return canonicalQuantity(typeof text === 'number' || typeof text === 'string' ? text : JSON.stringify(text));
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message, { cause: error });
    throw error;
  }
}

function readTime(
  value: unknown,
  canonical: (text: string) => string | undefined,
  layout: typeof timeLayout | typeof microTimeLayout,
): string {
  if (typeof value !== 'string') throw wrongValueType(value, 'string');
  const text = canonical(value);
  // What is written as it is here is not asked again.
  const problem = text === value ? undefined : timeProblem(value, layout);
  if (text === undefined || problem !== undefined) throw new DecodeError(problem ?? value);
  return text;
}

function readBytes(value: unknown, field: FieldSchema, walk: Walk): string {
  if (typeof value !== 'string') return refuse(value, field, walk);
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
  const bad = text.search(/[^A-Za-z0-9+/]/);
  throw new DecodeError(
    `${walk.converts ? 'error decoding from json: ' : ''}illegal base64 data at input byte ` +
      `${bad < 0 ? text.length - (text.length % 4) : bad}`,
  );
}
