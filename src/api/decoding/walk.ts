/** The state of a walk through an object that is being decoded, and its errors. */

import type { RepeatedEntries } from './json-reader.ts';
import { NumberLiteral } from './number-literal.ts';

/** A step of a path: a field, an index, or the key of a map. */
type PathStep = string | number | { readonly key: string };

/** What is carried along while a value is brought into the shape of its type. */
export interface Walk {
  /** Collects unknown and repeated fields; undefined when they are not wanted. */
  readonly strict: Set<string> | undefined;
  readonly repeated: RepeatedEntries | undefined;
  /** Write what upstream's encoder always writes, even when it is absent. */
  readonly complete: boolean;
  /** The value is a map that upstream converts instead of decoding a text, so errors are its converter's. */
  readonly converts: boolean;
  /** Parts of the value that are as they should be may become parts of the result. */
  readonly keeps: boolean;
  /** No part of the value may become part of the result: a value without a schema is copied. */
  readonly copies: boolean;
  /** The value may hold number literals. */
  readonly literals: boolean;
  readonly path: PathStep[];
  /** Go names of the structs around the current value; the last one is named in errors. */
  readonly structs: string[];
}

/** As many strict errors as upstream collects at most. */
const strictErrorsMax = 100;

/** A value that its field cannot hold. The message is upstream's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Notes `unknown field "spec.foo"` and the like. */
export function noteStrict(walk: Walk, problem: 'unknown' | 'duplicate', name: string): void {
  if (walk.strict === undefined || walk.strict.size >= strictErrorsMax) return;
  walk.strict.add(`${problem} field "${strictPath([...walk.path, name])}"`);
}

function strictPath(path: readonly PathStep[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${typeof step === 'string' ? step : step.key}`;
  }
  return text;
}

/** What Go's decoder says of a JSON value that does not fit. `goType` is the wanted type. */
export function wrongType(walk: Walk, value: unknown, goType: string): DecodeError {
  if (walk.converts) return new DecodeError(conversionText(value, goType));
  const fields = fieldPath(walk);
  const where = fields === '' ? 'Go value' : `Go struct field ${walk.structs.at(-1) ?? ''}.${fields}`;
  return new DecodeError(`json: cannot unmarshal ${jsonKind(value, goType)} into ${where} of type ${goType}`);
}

/** A wrong type inside a value that decodes itself, where Go does not know the field. */
export function wrongValueType(value: unknown, goType: string): DecodeError {
  return new DecodeError(`json: cannot unmarshal ${jsonKind(value, goType)} into Go value of type ${goType}`);
}

/** What upstream's converter of maps says of a value that does not fit. */
function conversionText(value: unknown, goType: string): string {
  const kind = mapValueKind(value);
  if (goType.startsWith('map[')) return `cannot restore map from ${kind}`;
  if (goType.startsWith('[]')) return `cannot restore slice from ${kind}`;
  if (goType.includes('.')) return `cannot restore struct from: ${kind}`;
  // Go converts whole numbers to text and numbers to one another, so only these get as far as a refused conversion.
  const convertible = goType === 'string' ? kind === 'int64' : goType !== 'bool' && typeof value === 'number';
  return convertible ? `cannot convert ${kind} to ${goType}` : `unrecognized type: ${goType}`;
}

/** The kind that Go's reflection names a value of a parsed text by. */
function mapValueKind(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'slice';
  return typeof value === 'object' ? 'map' : 'string';
}

/** The field that the walk is at, as Go names it in errors. */
export function fieldPath(walk: Walk): string {
  return walk.path.filter((step) => typeof step === 'string').join('.');
}

/** How Go's decoder names the kind of a JSON value. */
export function jsonKind(value: unknown, goType = ''): string {
  if (value instanceof NumberLiteral) return /^(int|uint|float)/.test(goType) ? `number ${value.source}` : 'number';
  if (typeof value === 'number') return /^(int|uint|float)/.test(goType) ? `number ${value}` : 'number';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}
