/** Checks of quantities, given as text. */

import {
  canonicalQuantity,
  compareQuantity,
  type FieldError,
  invalid,
  isWholeQuantity,
  parseQuantity,
  quantityText,
  roundUpToMilli,
} from '../machinery/index.ts';

/** Compares two quantities as text: below zero, zero or above. */
export function compareQuantities(left: string, right: string): number {
  return compareQuantity(parseQuantity(left), parseQuantity(right));
}

const zero = parseQuantity('0');

export function nonNegativeQuantity(path: string, value: string): FieldError[] {
  return compareQuantity(parseQuantity(value), zero) < 0
    ? [invalid(path, canonicalQuantity(value), 'must be greater than or equal to 0')]
    : [];
}

export function positiveQuantity(path: string, value: string): FieldError[] {
  return compareQuantity(parseQuantity(value), zero) <= 0
    ? [invalid(path, canonicalQuantity(value), 'must be greater than zero')]
    : [];
}

/** A quantity below zero, in the words that volumes use. */
export function basicQuantity(path: string, value: string): FieldError[] {
  const quantity = parseQuantity(value);
  return compareQuantity(quantity, zero) < 0
    ? [invalid(path, Number(quantity.nanos / 1_000_000_000n), 'must be a valid resource quantity')]
    : [];
}

/** Rounds amounts finer than thousandths up, as upstream's defaults do to every resource list. */
export function roundAmounts(list: Record<string, string> | undefined): void {
  for (const [name, amount] of Object.entries(list ?? {})) {
    // Canonical texts of finer amounts end with their unit.
    if (/[nu]$/.test(amount) && list !== undefined) list[name] = quantityText(roundUpToMilli(parseQuantity(amount)));
  }
}

export function isWhole(value: string): boolean {
  return isWholeQuantity(parseQuantity(value));
}
