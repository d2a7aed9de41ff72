/** The CEL functions on timestamps and durations. */

import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { parseTime } from '../machinery/index.ts';
import { type CelEnvironment, ownFunction } from './environment.ts';
import { nanosecondsOf } from './text-format.ts';
import { celDuration } from './values.ts';

const same = (value: unknown): unknown => value;

const oldest = Date.parse('0001-01-01T00:00:00Z');
const newest = Date.parse('9999-12-31T23:59:59.999Z');

function time(ms: number): Date {
  if (ms < oldest || ms > newest) throw new Error('timestamp overflow');
  return new Date(ms);
}

function timeOf(text: string): Date {
  const ms = parseTime(text);
  if (ms === undefined) throw new Error("type conversion error from 'string' to 'google.protobuf.Timestamp'");
  return time(ms);
}

const durationForm = /^([+-]?)(0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const intMax = 2n ** 63n - 1n;

/** More digits than these are below a nanosecond of an hour. */
const fractionDigits = 13;

function durationOf(text: string): unknown {
  const [, sign, parts] = durationForm.exec(text) ?? [];
  const length = parts === undefined ? undefined : nanoseconds(parts);
  if (length === undefined || length > (sign === '-' ? intMax + 1n : intMax))
    throw new Error("type conversion error from 'string' to 'google.protobuf.Duration'");
  return celDuration(sign === '-' ? -length : length);
}

function nanoseconds(parts: string): bigint {
  return [...parts.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)].reduce(
    (sum, [, whole = '', fraction = '', unit = '']) => {
      const size = units[unit] ?? 0n;
      return (
        sum +
        BigInt(whole) * size +
        (BigInt(fraction.slice(0, fractionDigits).padEnd(fractionDigits, '0')) * size) / 10n ** BigInt(fractionDigits)
      );
    },
    0n,
  );
}

const dayMs = 86_400_000;

/** What can be asked of a time whose clock shows what UTC does. */
const parts: Readonly<Record<string, (clock: Date) => number>> = {
  getDate: (clock) => clock.getUTCDate(),
  getDayOfMonth: (clock) => clock.getUTCDate() - 1,
  getDayOfWeek: (clock) => clock.getUTCDay(),
  getDayOfYear: (clock) =>
    Math.floor((clock.getTime() - Date.parse(`${clock.toISOString().slice(0, 4)}-01-01T00:00:00Z`)) / dayMs),
  getFullYear: (clock) => clock.getUTCFullYear(),
  getHours: (clock) => clock.getUTCHours(),
  getMilliseconds: (clock) => clock.getUTCMilliseconds(),
  getMinutes: (clock) => clock.getUTCMinutes(),
  getMonth: (clock) => clock.getUTCMonth(),
  getSeconds: (clock) => clock.getUTCSeconds(),
};

function whole(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** The time that clocks of a zone show, as if it were UTC: a zone is a name or how far it is off, as in `-08:00`. */
function clockIn(value: Date, zone: string): Date {
  const colon = zone.indexOf(':');
  if (colon < 0) return namedClock(value, zone);
  const [hours, minutes] = [whole(zone.slice(0, colon)), whole(zone.slice(colon + 1))];
  return new Date(value.getTime() + (hours * 60 + (zone.startsWith('-') ? -minutes : minutes)) * 60_000);
}

function namedClock(value: Date, zone: string): Date {
  if (zone === '' || zone === 'UTC') return value;
  try {
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
      value,
    );
    return new Date(Date.parse(`${shown.replace(' ', 'T')}Z`) + value.getUTCMilliseconds());
  } catch (cause) {
    throw new Error(`unknown time zone ${zone}`, { cause });
  }
}

/** What can be asked of a duration: whole units of it. */
const spans: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
};

/** Times and durations as cel-go parses and reports them. */
export function registerTimeFunctions(environment: CelEnvironment): void {
  const [timestamp, duration] = ['timestamp', 'duration'].map(ownFunction);
  const [timeType, durationType] = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
  environment
    .registerFunction(`${timestamp}(${timeType}): ${timeType}`, same)
    .registerFunction(`${timestamp}(string): ${timeType}`, timeOf)
    .registerFunction(`${timestamp}(int): ${timeType}`, (seconds: bigint) => time(Number(seconds) * 1000))
    .registerFunction(`${duration}(${durationType}): ${durationType}`, same)
    .registerFunction(`${duration}(string): ${durationType}`, durationOf);
  for (const [name, part] of Object.entries(parts)) {
    environment
      .registerFunction(`${timeType}.${ownFunction(name)}(): int`, (value: Date) => BigInt(part(value)))
      .registerFunction(`${timeType}.${ownFunction(name)}(string): int`, (value: Date, zone: string) =>
        BigInt(part(clockIn(value, zone))),
      );
  }
  for (const [name, size] of Object.entries(spans))
    environment.registerFunction(
      `${durationType}.${ownFunction(name)}(): int`,
      (value: Duration) => nanosecondsOf(value) / size,
    );
}
