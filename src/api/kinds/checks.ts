/** Small checks of fields that many kinds share. */

import { limits } from '../../base/index.ts';
import { duplicate, type FieldError, indexPath, invalid, notSupported, required, tooMany } from '../machinery/index.ts';

/** One error for each message of a name or range check. */
export function invalids(path: string, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalid(path, value, message));
}

/** For a field that must be filled and be one of `supported` (printed in this order). */
export function requiredChoice(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (value === undefined || value === '') return [required(path)];
  return choice(path, value, supported);
}

/** The same for a field that upstream keeps as a pointer: an empty text is one that is not supported. */
export function givenChoice(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined ? [required(path)] : choice(path, value, supported);
}

/** For a field that is one of `supported` when it is set. */
export function choice(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

export function requiredText(path: string, value: string | undefined, detail = ''): FieldError[] {
  return value === undefined || value === '' ? [required(path, detail)] : [];
}

/** A text that must be there and pass `check`. */
export function requiredName(
  path: string,
  value: string | undefined,
  check: (value: string) => readonly string[],
): FieldError[] {
  return value === undefined || value === '' ? [required(path)] : invalids(path, value, check(value));
}

/** A text that must pass `check` when it is set and not empty. */
export function optionalName(
  path: string,
  value: string | undefined,
  check: (value: string) => readonly string[],
): FieldError[] {
  return value === undefined || value === '' ? [] : invalids(path, value, check(value));
}

export function nonNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
}

/** An error for each value that was there before, in the list `path`. */
export function duplicates(path: string, values: readonly (string | undefined)[]): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  values.forEach((value, index) => {
    if (value === undefined) return;
    if (seen.has(value)) errors.push(duplicate(indexPath(path, index), value));
    seen.add(value);
  });
  return errors;
}

/** The errors of each item, under its indexed path. */
export function each<T>(
  path: string,
  items: readonly T[] | undefined,
  check: (item: T, path: string, index: number) => readonly FieldError[],
): FieldError[] {
  return (items ?? []).flatMap((item, index) => check(item, indexPath(path, index), index));
}

export const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

/** As `each`, of what all objects of a kind are held to again and again: of very many, only their number is told. */
export function eachOfFew<T>(
  path: string,
  items: readonly T[] | undefined,
  check: (item: T, at: string, index: number) => readonly FieldError[],
): FieldError[] {
  const count = items?.length ?? 0;
  return count > limits.selectorTermsMax ? [tooMany(path, count, limits.selectorTermsMax)] : each(path, items, check);
}
