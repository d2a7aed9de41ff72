/** Rewrites the CEL package's runtime errors in the words of cel-go. */

import { EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';

function summaryOf(error: unknown): string {
  if (error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError)
    return error.summary;
  return error instanceof Error ? error.message : String(error);
}

const conversion = (type: string): string => `type conversion error from 'string' to '${type}'`;

/** The package's words for failures, and cel-go's. */
const texts: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/^List index must be int, got '(\w+)'$/, "unsupported index type '$1' in list"],
  [/^No such key: index out of bounds, index (-?\d+).*$/, 'index out of bounds: $1'],
  [/^No such key/, 'no such key'],
  [
    /^(no such overload|found no matching overload|Operator|Function|Invalid function|Ternary condition).*$/is,
    'no such overload',
  ],
  [/^(Logical operator|.* predicate must return bool).*$/is, 'no such overload'],
  [/^modulo by zero$/, 'modulus by zero'],
  [/^(integer overflow): .*$|^int\(\) type error: (integer overflow)$/, 'integer overflow'],
  [/^uint\(\) type error: unsigned integer overflow$|^Unsigned integer overflow$/, 'unsigned integer overflow'],
  [/^(int|uint|double)\(\) type error: cannot convert to .*$/, conversion('$1')],
  [/^bool\(\) conversion error.*$/, conversion('bool')],
  [/^timestamp\(\) requires a string.*$/, conversion('google.protobuf.Timestamp')],
  [/^timestamp\(\) requires a valid integer.*$/, 'timestamp overflow'],
  [/^Invalid duration string.*$/s, conversion('google.protobuf.Duration')],
  [/^Optional value is not present$/, 'optional.none() dereference'],
];

/** What went wrong, in the words of Kubernetes' implementation for the failures that users meet. */
export function runtimeText(error: unknown): string {
  const summary = summaryOf(error);
  const found = texts.find(([pattern]) => pattern.test(summary));
  return found === undefined ? summary : summary.replace(found[0], found[1]);
}
