/** Counts that are given as numbers or percentages (maxSurge, maxUnavailable). */

import type { IntOrString } from '../machinery/index.ts';
import { type FieldError, invalid, percent, percentOf, type VerbatimValue, verbatim } from '../machinery/index.ts';
import { nonNegative } from './checks.ts';

/** The value as upstream prints its structure in messages. */
export function printed(value: IntOrString | undefined): VerbatimValue {
  if (typeof value === 'string')
    return verbatim(`intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`);
  return verbatim(`intstr.IntOrString{Type:0, IntVal:${value ?? 0}, StrVal:""}`);
}

/** A count that is not negative, or a percentage. */
export function countOrPercent(path: string, value: IntOrString | undefined): FieldError[] {
  if (typeof value !== 'string') return nonNegative(path, value);
  return percent(value).map((message) => invalid(path, printed(value), message));
}

/** What the value counts: a percentage its number, other text what it begins with. */
export function countOf(value: IntOrString | undefined): number {
  if (typeof value !== 'string') return value ?? 0;
  return percentOf(value) ?? (/^[+-]?\d+$/.test(value) ? Number(value) : 0);
}

export function atMostAll(path: string, value: IntOrString | undefined): FieldError[] {
  const share = value === undefined ? undefined : percentOf(value);
  return share !== undefined && share > 100 ? [invalid(path, printed(value), 'must not be greater than 100%')] : [];
}
