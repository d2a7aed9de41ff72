/** Numbers of a text that a JavaScript number does not say as they are written. */
import { inexactInteger, isInt64, isKeptInteger } from '../machinery/index.ts';
import { typeSchema } from '../schema/index.ts';
import { JsonSyntaxError, type ReadNumber } from './json-reader.ts';

/**
 * A number as it is written, where its type decides whether it may be so: `1.0` is no integer of a built-in kind, and
 * 9007199254740993 is kept by no JavaScript number.
 */
export class NumberLiteral {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** Whether JavaScript writes the number in the same way. */
export function isPlainNumber(source: string): boolean {
  return String(Number(source)) === source;
}

/**
 * The number as Go reads it where no type is given: whole numbers are int64 where they fit, and all others float64.
 * Throws StatusError 400 for an int64 that would be rounded, JsonSyntaxError for what is more than a float64.
 */
export function exactNumber(source: string, field: string): number {
  if (isInt64(source)) return exactInteger(source, () => inexactInteger(source, field));
  return finite(source);
}

const definition = 'apiextensions/v1.CustomResourceDefinition';

/** How numbers of a patch of this type are read: `exactNumber`, but float64 where a schema has bounds, as with Go. */
export function numbersOfType(type: string): ReadNumber {
  if (type !== definition) return exactNumber;
  const { fields } = typeSchema('apiextensions/v1.JSONSchemaProps');
  return (source, field) => (fields.get(field)?.type === 'number' ? finite(source) : exactNumber(source, field));
}

/** Numbers in place of literals, in place, by `exactNumber`. */
export function withNumbers(value: unknown, field = ''): unknown {
  if (value instanceof NumberLiteral) return exactNumber(value.source, field);
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const [name, member] of Object.entries(members))
    if (typeof member === 'object') members[name] = withNumbers(member, name);
  return value;
}

/** The value of an int64; what `inexact` makes is thrown if JavaScript would write it with other digits. */
export function exactInteger(source: string, inexact: () => Error): number {
  if (!isKeptInteger(BigInt(source))) throw inexact();
  return Number(source) + 0;
}

function finite(source: string): number {
  const value = Number(source);
  if (Number.isFinite(value)) return value;
  throw new JsonSyntaxError(`json: cannot unmarshal number ${source} into Go value of type float64`);
}
