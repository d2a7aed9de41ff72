/** Checks values against the formats that Kubernetes validates, as go-openapi's strfmt does. */

import { parseTime } from '../machinery/index.ts';

type Format = (text: string) => boolean;

const octet = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const isIpv4: Format = (text) => ipv4.test(text);

/**
 * RFC 4291: eight groups of hexadecimal digits, one run of zeros shortened, the last two perhaps as an IPv4 address.
 */
const isIpv6: Format = (text) => {
  if (!/^[0-9a-fA-F:.]+$/.test(text)) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const embedded = last.includes('.');
  if (embedded && !isIpv4(last)) return false;
  const plain = embedded ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  const count = plain.length + (embedded ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
};

const isCidr: Format = (text) => {
  const [address = '', bits = '', more] = text.split('/');
  if (more !== undefined || !/^\d{1,3}$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
};

const isDate: Format = (text) => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};

const uuid = (version: string): Format => {
  const pattern = new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i');
  return (text) => pattern.test(text);
};

const isHostname: Format = (text) =>
  text.length <= 255 && text.split('.').every((label) => /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(label));

const isUri: Format = (text) =>
  /^([a-zA-Z][a-zA-Z0-9+.-]*:[^\s]+|\/[^\s]*)$/.test(text) && !/%(?![0-9a-fA-F]{2})/.test(text);

const matching =
  (pattern: RegExp): Format =>
  (text) =>
    pattern.test(text);

const amount = /(\d+(\.\d*)?|\.\d+)/.source;
const anyUnit =
  /(ns|nanos?|us|µs|μs|micros?|ms|millis?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)/.source;
/** An amount with a unit, long or short, then more with the units that Go has; or 0. */
const durationPattern = new RegExp(
  String.raw`^[-+]?${amount}\s?${anyUnit}(${amount}(ns|us|µs|μs|ms|s|m|h))*$|^[-+]?0$`,
);

/** Formats of strings that are checked; any other is a note to the reader. */
const formats: Readonly<Record<string, Format>> = {
  bsonobjectid: matching(/^[0-9a-fA-F]{24}$/),
  byte: matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  cidr: isCidr,
  creditcard: matching(/^\d[\d -]{11,22}\d$/),
  date: isDate,
  'date-time': (text) => parseTime(text) !== undefined,
  datetime: (text) => parseTime(text) !== undefined,
  duration: matching(durationPattern),
  email: matching(/^[^\s@<>]+@[^\s@<>]+$/),
  hexcolor: matching(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  isbn: matching(/^(\d[- ]?){9}[\dXx]$|^(\d[- ]?){12}\d$/),
  isbn10: matching(/^(\d[- ]?){9}[\dXx]$/),
  isbn13: matching(/^(\d[- ]?){12}\d$/),
  mac: matching(/^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/),
  password: () => true,
  rgbcolor: matching(/^rgb\(\s*(\d{1,3}\s*,\s*){2}\d{1,3}\s*\)$/),
  ssn: matching(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isUri,
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4'),
  uuid5: uuid('5'),
};

/** Formats are texts of definitions: `constructor` is none. */
const formatOf = (name: string): Format | undefined => (Object.hasOwn(formats, name) ? formats[name] : undefined);

/** Whether texts are held against the format. */
export function isCheckedFormat(format: string): boolean {
  return formatOf(format) !== undefined;
}

const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  nano: 1n,
  nanos: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  micro: 1_000n,
  micros: 1_000n,
  ms: 1_000_000n,
  milli: 1_000_000n,
  millis: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};
/** Units are written out in many ways; the first letter tells which of the larger ones is meant. */
const unitOf = (text: string): bigint => nanoseconds[text] ?? nanoseconds[text.charAt(0)] ?? 0n;

/** A text of the format `duration` in nanoseconds; undefined when it is none. */
export function durationOf(text: string): bigint | undefined {
  if (!hasFormat(text, 'duration')) return undefined;
  let total = 0n;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)\s?([a-zµμ]+)/g)) {
    const [whole = '', fraction = ''] = number.split('.');
    total +=
      BigInt(whole === '' ? 0 : whole) * unitOf(unit) +
      (BigInt(fraction === '' ? 0 : fraction) * unitOf(unit)) / 10n ** BigInt(fraction.length);
  }
  return text.startsWith('-') ? -total : total;
}

/** Whether a text has the format; true for formats that are not checked. */
export function hasFormat(text: string, format: string): boolean {
  return formatOf(format)?.(text) ?? true;
}
