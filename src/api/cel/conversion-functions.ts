/** Type conversions and comparisons of numbers as cel-go has them. */

import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { goNumber } from '../machinery/index.ts';
import { type CelEnvironment, ownFunction } from './environment.ts';
import { durationText, nanosecondsOf, timeText } from './text-format.ts';
import { celEqual } from './values.ts';

const same = (value: unknown): unknown => value;
const order = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right);

const intMax = 2n ** 63n - 1n;
const uintMax = 2n ** 64n - 1n;

const overflow = (): Error => new Error('integer overflow');
const unsignedOverflow = (): Error => new Error('unsigned integer overflow');
const noConversion = (type: string): Error => new Error(`type conversion error from 'string' to '${type}'`);

function intOf(value: number): bigint {
  // The bounds themselves are refused too: neither is exact as a double.
  if (!Number.isFinite(value) || value <= Number(-intMax - 1n) || value >= Number(intMax)) throw overflow();
  return BigInt(Math.trunc(value));
}

function intOfText(text: string): bigint {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
  if (value === undefined || value > intMax || value < -intMax - 1n) throw noConversion('int');
  return value;
}

function intOfUnsigned(value: UnsignedInt): bigint {
  if (value.valueOf() > intMax) throw overflow();
  return value.valueOf();
}

function unsigned(value: bigint): UnsignedInt {
  if (value < 0n || value > uintMax) throw unsignedOverflow();
  return new UnsignedInt(value);
}

function unsignedOf(value: number): UnsignedInt {
  if (!Number.isFinite(value) || value < 0) throw unsignedOverflow();
  return unsigned(BigInt(Math.trunc(value)));
}

function unsignedOfText(text: string): UnsignedInt {
  const value = /^\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > uintMax) throw noConversion('uint');
  return new UnsignedInt(value);
}

const namedDoubles: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, nan: NaN };

function doubleOfText(text: string): number {
  const [, sign = '', name = ''] = /^([+-]?)(inf|infinity|nan)$/i.exec(text) ?? [];
  const named = namedDoubles[name.toLowerCase()];
  if (named !== undefined && (sign === '' || !Number.isNaN(named))) return sign === '-' ? -named : named;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw noConversion('double');
  return value;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOfBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Error('invalid UTF-8 in bytes, cannot convert to string', { cause });
  }
}

function registerNumberConversions(environment: CelEnvironment): void {
  const [int, uint, double] = ['int', 'uint', 'double'].map(ownFunction);
  environment
    .registerFunction(`${int}(int): int`, same)
    .registerFunction(`${int}(uint): int`, intOfUnsigned)
    .registerFunction(`${int}(double): int`, intOf)
    .registerFunction(`${int}(string): int`, intOfText)
    .registerFunction(`${int}(google.protobuf.Timestamp): int`, (time: Date) =>
      BigInt(Math.floor(time.getTime() / 1000)),
    )
    .registerFunction(`${int}(google.protobuf.Duration): int`, nanosecondsOf)
    .registerFunction(`${uint}(uint): uint`, same)
    .registerFunction(`${uint}(int): uint`, unsigned)
    .registerFunction(`${uint}(double): uint`, unsignedOf)
    .registerFunction(`${uint}(string): uint`, unsignedOfText)
    .registerFunction(`${double}(double): double`, same)
    .registerFunction(`${double}(int): double`, Number)
    .registerFunction(`${double}(uint): double`, Number)
    .registerFunction(`${double}(string): double`, doubleOfText);
}

function registerTextConversions(environment: CelEnvironment): void {
  const string = ownFunction('string');
  environment
    .registerFunction(`${string}(string): string`, same)
    .registerFunction(`${string}(bool): string`, String)
    .registerFunction(`${string}(int): string`, String)
    .registerFunction(`${string}(uint): string`, String)
    .registerFunction(`${string}(double): string`, goNumber)
    .registerFunction(`${string}(bytes): string`, textOfBytes)
    .registerFunction(`${string}(google.protobuf.Timestamp): string`, timeText)
    .registerFunction(`${string}(google.protobuf.Duration): string`, durationText);
}

/** Conversions as cel-go has them, and comparisons that the package leaves out. */
export function registerConversionFunctions(environment: CelEnvironment): void {
  registerNumberConversions(environment);
  registerTextConversions(environment);
  environment
    .registerOperator('optional == optional', celEqual)
    .registerOperator('bytes < bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) < 0)
    .registerOperator('bytes <= bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) <= 0)
    .registerOperator('bytes > bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) > 0)
    .registerOperator('bytes >= bytes: bool', (left: Uint8Array, right: Uint8Array) => order(left, right) >= 0);
}
