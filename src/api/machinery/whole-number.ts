/** Whole numbers of 64 bits, of which a JavaScript number keeps some 16 digits. */
import { badRequest } from './status-errors.ts';
import type { StatusError } from './status.ts';

const wholeDigits = /^-?\d+$/;

/** Whether a number is written in digits alone and is an int64. */
export function isInt64(source: string): boolean {
  return wholeDigits.test(source) && fits(BigInt(source));
}

/** Whether a JavaScript number is written with the same digits. */
export function isKeptInteger(value: bigint): boolean {
  const kept = Number(value);
  return Number.isSafeInteger(kept) || String(kept) === String(value);
}

/** Whether Go keeps a whole number as an int64 of which JavaScript would change digits. */
export function isInexactInt64(value: bigint): boolean {
  return fits(value) && !isKeptInteger(value);
}

function fits(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

/** What is said of a whole number that is not kept; `field` is '' where it has no name. */
export function inexactText(source: string, field = ''): string {
  return (
    `number ${source}${field === '' ? '' : ` of field "${field}"`} would be rounded: beyond ` +
    `±${Number.MAX_SAFE_INTEGER} only some 16 digits of a whole number are kept; write it as a text`
  );
}

/** Refuses a whole number that would be rounded: 400. */
export function inexactInteger(source: string, field?: string): StatusError {
  return badRequest(inexactText(source, field));
}
