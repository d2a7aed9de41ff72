/** Which plain scalars of YAML are numbers: those that Go reads as such (go-yaml 2, resolve.go). */
import type { ScalarTag, Tags } from 'yaml';
import { isInexactInt64 } from '../machinery/index.ts';

/** With a base that its prefix tells, as Go's ParseInt reads it. */
const prefixedInteger = /^([-+]?)0([xX][0-9a-fA-F]+|[bB][01]+|[oO]?[0-7]+)$/;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const integerMax = 2 ** 64;

/** The number that a plain scalar says; undefined: it is text, such as `.`, `e5`, `1e999` or `0x_`. */
function plainNumber(text: string): number | undefined {
  // Underscores are part of numbers, except of those that begin with a dot.
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '');
  const [, sign, rest] = prefixedInteger.exec(digits) ?? [];
  if (rest !== undefined) {
    const value = Number(/^[0-7]/.test(rest) ? `0o${rest}` : `0${rest.toLowerCase()}`);
    if (value >= integerMax) return undefined;
    return sign === '-' && value !== 0 ? -value : value;
  }
  if (!decimal.test(digits)) return undefined;
  const value = Number(digits);
  if (value === 0) return 0;
  return Number.isFinite(value) ? value : undefined;
}

/** Whether a plain scalar is a whole number of 64 bits of which no JavaScript number keeps every digit. */
export function isRounded(text: string): boolean {
  const digits = text.replaceAll('_', '');
  const [, sign = '', rest] = prefixedInteger.exec(digits) ?? [];
  if (rest === undefined && !/^[-+]?[0-9]+$/.test(digits)) return false;
  const size = rest === undefined ? digits.replace(/^[-+]/, '') : /^[0-7]/.test(rest) ? `0o${rest}` : `0${rest}`;
  const value = BigInt(size.toLowerCase()) * (digits.startsWith('-') || sign === '-' ? -1n : 1n);
  return isInexactInt64(value);
}

const resolve = (text: string): number | string => plainNumber(text) ?? text;
const floatTag = 'tag:yaml.org,2002:float';
const number: ScalarTag = { tag: floatTag, default: true, test: /^[-+]?\.?[0-9]/, resolve };
/** For values that name the tag. */
const integer: ScalarTag = { ...number, tag: 'tag:yaml.org,2002:int' };
const numeric = new Set([number.tag, integer.tag]);
const special = /inf/i;

/** The library's tags with these numbers in place of its own, which take `.` and `e5` for no number at all (NaN). */
export function withGoNumbers(tags: Tags): Tags {
  const others = tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !numeric.has(tag.tag) ||
      // .inf and .nan: no numbers of JSON, which is told where they are used.
      (tag.tag === floatTag && 'test' in tag && special.test(tag.test?.source ?? '')),
  );
  return [...others, number, integer];
}
