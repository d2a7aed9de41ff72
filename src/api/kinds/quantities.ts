import { compareQuantity, type FieldError, invalid, isWholeQuantity, parseQuantity, canonicalQuantity } from '../machinery/index.ts';

/** Compares two quantities as text: below zero, zero or above. */
export function compareQuantities(left: string, right: string): number {
  return compareQuantity(parseQuantity(left), parseQuantity(right));
}

const zero = parseQuantity('0');

export function nonNegativeQuantity(path: string, value: string): FieldError[] {
  return compareQuantity(parseQuantity(value), zero) < 0 ? [invalid(path, canonicalQuantity(value), 'must be greater than or equal to 0')] : [];
}

export function positiveQuantity(path: string, value: string): FieldError[] {
  return compareQuantity(parseQuantity(value), zero) <= 0 ? [invalid(path, canonicalQuantity(value), 'must be greater than zero')] : [];
}

/** A quantity below zero, in the words that volumes use. */
export function basicQuantity(path: string, value: string): FieldError[] {
  const quantity = parseQuantity(value);
  return compareQuantity(quantity, zero) < 0 ? [invalid(path, Number(quantity.nanos / 1_000_000_000n), 'must be a valid resource quantity')] : [];
}

export function isWhole(value: string): boolean {
  return isWholeQuantity(parseQuantity(value));
}
