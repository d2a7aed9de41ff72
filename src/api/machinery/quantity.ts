/** Quantities: reading, writing and exact arithmetic. */
import { Memo } from '../../base/index.ts';

/**
 * Amounts of a resource, as k8s.io/apimachinery/pkg/api/resource has them: a decimal number with a decimal, binary or
 * exponent suffix. Held exactly, in billionths (the smallest step upstream keeps; anything finer is rounded up).
 */
type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  readonly nanos: bigint;
  /** How the canonical text is written; it follows the text that was parsed. */
  readonly format: QuantityFormat;
}

/** The text is no quantity. The message is upstream's. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const suffixWrong = "unable to parse quantity's suffix";
const numericWrong = 'unable to parse numeric part of quantity';
const nano = 1_000_000_000n;
const unitsMax = 2n ** 63n - 1n;
/** Beyond these exponents a value is zero or capped anyway; they only bound the work. */
const exponentMax = 64;

const decimalExponents: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const decimalSuffixes: ReadonlyMap<number, string> = new Map(
  [...decimalExponents].map(([suffix, exponent]) => [exponent, suffix]),
);
const binaryExponents: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const binarySuffixes: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Quantities by their text: a cluster writes the same few over and over. */
const parsed = new Memo<string | number, Quantity>({ bytesMax: 6 * 1024 * 1024 });

/** Parses a quantity as a client may send it: text, or a JSON number. Throws QuantityError. */
export function parseQuantity(value: string | number): Quantity {
  return parsed.of(value, () => readQuantity(typeof value === 'number' ? String(value) : value.trim()));
}

function readQuantity(text: string): Quantity {
  const parts = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (text === '' || parts === null)
    throw new QuantityError(/^[+-]?[0-9.]+([eEinumkKMGTP]*[-+]?[0-9]*)$/.test(text) ? numericWrong : formatWrong);
  const [, sign = '', whole = '', fraction = '', suffix = ''] = parts;
  if (whole === '' && fraction === '') throw new QuantityError(formatWrong);
  const scale = readSuffix(suffix);
  const magnitude = scaled(BigInt(whole + fraction), fraction.length, scale);
  const capped = magnitude > unitsMax * nano ? unitsMax * nano : magnitude;
  // Fractions of one are always written in decimal, which avoids rounding.
  const format = scale.format === 'BinarySI' && capped > 0n && capped < nano ? 'DecimalSI' : scale.format;
  return { nanos: sign === '-' ? -capped : capped, format };
}

interface Scale {
  readonly base: 2n | 10n;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): Scale {
  const decimal = decimalExponents.get(suffix);
  if (decimal !== undefined) return { base: 10n, exponent: decimal, format: 'DecimalSI' };
  const binary = binaryExponents.get(suffix);
  if (binary !== undefined) return { base: 2n, exponent: binary, format: 'BinarySI' };
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(suffix)?.[1];
  if (exponent === undefined) throw new QuantityError(suffixWrong);
  return {
    base: 10n,
    exponent: Math.max(-exponentMax, Math.min(exponentMax, Number(exponent))),
    format: 'DecimalExponent',
  };
}

/** `digits` * 10^-`places` * base^exponent in nanos, rounded up. */
function scaled(digits: bigint, places: number, scale: Scale): bigint {
  let numerator = digits * nano;
  let denominator = 10n ** BigInt(places);
  if (scale.exponent >= 0) numerator *= scale.base ** BigInt(scale.exponent);
  else denominator *= scale.base ** BigInt(-scale.exponent);
  return (numerator + denominator - 1n) / denominator;
}

/** The canonical text: no fraction, the largest suffix that keeps the value exact. */
export function quantityText(quantity: Quantity): string {
  const { nanos } = quantity;
  if (nanos === 0n) return '0';
  const small = nanos > -1024n * nano && nanos < 1024n * nano;
  if (quantity.format === 'BinarySI' && !small && nanos % nano === 0n) return binaryText(nanos / nano);
  return decimalText(nanos, quantity.format === 'DecimalExponent');
}

function binaryText(units: bigint): string {
  let amount = units;
  let step = 0;
  while (amount % 1024n === 0n && step < binarySuffixes.length - 1) {
    amount /= 1024n;
    step++;
  }
  return `${amount}${binarySuffixes[step] ?? ''}`;
}

function decimalText(nanos: bigint, asExponent: boolean): string {
  let amount = nanos;
  let exponent = -9;
  const exponentLimit = asExponent ? 999 : 18;
  while (amount % 1000n === 0n && exponent < exponentLimit) {
    amount /= 1000n;
    exponent += 3;
  }
  const suffix = asExponent ? (exponent === 0 ? '' : `e${exponent}`) : (decimalSuffixes.get(exponent) ?? '');
  return `${amount}${suffix}`;
}

/** Parses and writes canonically. Throws QuantityError. */
export function canonicalQuantity(value: string | number): string {
  return quantityText(parseQuantity(value));
}

/** Below zero, zero or above: as `left` is less than, equal to or greater than `right`. */
export function compareQuantity(left: Quantity, right: Quantity): number {
  return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
}

/** The sum, in the format of `left` unless that is zero. */
export function addQuantity(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

/** The difference, in the format of `left` unless that is zero. */
export function subtractQuantity(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos - right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

function dividedUp(nanos: bigint, by: bigint): number {
  const quotient = nanos / by;
  if (nanos % by === 0n) return Number(quotient);
  return Number(nanos > 0n ? quotient + 1n : quotient - 1n);
}

/** Whole units, rounded away from zero. */
export function quantityUnits(quantity: Quantity): number {
  return dividedUp(quantity.nanos, nano);
}

/** Thousandths, rounded away from zero: how CPU is counted. */
export function quantityMilli(quantity: Quantity): number {
  return dividedUp(quantity.nanos, 1_000_000n);
}

export function isWholeQuantity(quantity: Quantity): boolean {
  return quantity.nanos % nano === 0n;
}

export function quantityOf(units: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.round(units)) * nano, format };
}

export function quantityOfMilli(milli: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.round(milli)) * 1_000_000n, format };
}

/** The quantity with finer parts than thousandths rounded up, as upstream's defaults do to resource lists. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const step = 1_000_000n;
  const rest = quantity.nanos % step;
  if (rest === 0n) return quantity;
  return { ...quantity, nanos: rest > 0n ? quantity.nanos - rest + step : quantity.nanos - rest - step };
}
