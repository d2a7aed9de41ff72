/** The CEL function `format`: its format strings and how values are printed. */

import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { goNumber } from '../machinery/index.ts';

/** A format cannot be read, or an argument does not go with its verb. */
export class FormatError extends Error {}

/** A clause of a format: a verb and the precision that it is given. */
interface Clause {
  readonly verb: string;
  readonly precision: number;
}

const defaultPrecision = 6;

/** What each verb takes, and what is said of anything else. */
const taken: Readonly<Record<string, { readonly types: readonly string[]; readonly otherwise: string }>> = {
  s: {
    types: [
      'string',
      'bool',
      'bytes',
      'int',
      'uint',
      'double',
      'map',
      'list',
      'type',
      'null_type',
      'google.protobuf.Duration',
      'google.protobuf.Timestamp',
    ],
    otherwise:
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, ' +
      'and timestamps',
  },
  d: { types: ['int', 'uint'], otherwise: 'decimal clause can only be used on integers' },
  f: { types: ['double', 'string'], otherwise: 'fixed-point clause can only be used on doubles' },
  e: { types: ['double', 'string'], otherwise: 'scientific clause can only be used on doubles' },
  b: { types: ['int', 'uint', 'bool'], otherwise: 'only integers and bools can be formatted as binary' },
  x: {
    types: ['int', 'uint', 'string', 'bytes'],
    otherwise: 'only integers, byte buffers, and strings can be formatted as hex',
  },
  o: { types: ['int', 'uint'], otherwise: 'octal clause can only be used on integers' },
};

const unfit = (verb: string, type: string): string =>
  `error during formatting: ${taken[verb]?.otherwise ?? ''}, was given ${type}`;

/** Why a value of this type cannot stand for the verb; undefined when it can. */
export function unfitText(verb: string, type: string): string | undefined {
  return taken[verb]?.types.includes(type) === true ? undefined : unfit(verb, type);
}

/**
 * Reads a format as cel-go does: `value` is asked for the text of each clause, `count` says how many arguments there
 * are. Throws a FormatError for a clause that is none or has no argument.
 */
export function readFormat(
  pattern: string,
  count: number,
  value: (clause: Clause, argument: number) => string,
): string {
  let argument = 0;
  return pattern.replace(/%%|%(?:\.(\d*))?([^]?)/gu, (whole: string, precision: string | undefined, verb = '') => {
    if (whole === '%%') return '%';
    if (verb === '' && precision === undefined)
      throw new FormatError(argument < count ? 'unexpected end of string' : `index ${argument} out of range`);
    if (argument >= count) throw new FormatError(`index ${argument} out of range`);
    const name = verb === 'X' ? 'x' : verb;
    if (verb === '')
      throw new FormatError(
        'could not parse formatting clause: error while parsing precision: could not find end of precision specifier',
      );
    if (precision === '')
      throw new FormatError(
        'could not parse formatting clause: error while parsing precision: error while converting precision to ' +
          'integer: strconv.Atoi: parsing "": invalid syntax',
      );
    if (!Object.hasOwn(taken, name))
      throw new FormatError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
    return value({ verb, precision: precision === undefined ? defaultPrecision : Number(precision) }, argument++);
  });
}

/** The function `format` of texts. */
export function formatted(pattern: string, values: readonly unknown[]): string {
  return readFormat(pattern, values.length, (clause, argument) => formatOne(values[argument], clause));
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** As cel-go writes it: 1.05 × 10⁰³. */
function exponential(value: number, precision: number): string {
  const [digits = '', exponent = ''] = value.toExponential(precision).split('e');
  const power = exponent
    .replace(/^[+-]/, '')
    .padStart(2, '0')
    .replace(/\d/g, (digit) => superscripts[Number(digit)] ?? '');
  return `${digits}\u202f×\u202f10${exponent.startsWith('-') ? '⁻' : ''}${power}`;
}

const notFinite: Readonly<Record<string, string>> = { NaN: 'NaN', Infinity: '∞', '-Infinity': '-∞' };

function fraction(value: unknown, { verb, precision }: Clause): string {
  if (typeof value === 'string' && !Object.hasOwn(notFinite, value)) throw new FormatError(unfit(verb, 'string'));
  const special = notFinite[String(value as number)];
  if (special !== undefined) return special;
  return verb === 'e' ? exponential(value as number, precision) : grouped((value as number).toFixed(precision));
}

/** With a comma between thousands. */
const grouped = (digits: string): string => digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');

const radix: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16 };

function formatOne(value: unknown, clause: Clause): string {
  const verb = clause.verb === 'X' ? 'x' : clause.verb;
  const wrong = unfitText(verb, typeOf(value));
  if (wrong !== undefined) throw new FormatError(wrong);
  if (verb === 's') return shown(value);
  if (verb === 'f' || verb === 'e') return fraction(value, clause);
  if (typeof value === 'boolean') return value ? '1' : '0';
  const text =
    typeof value === 'string' || value instanceof Uint8Array
      ? Buffer.from(value).toString('hex')
      : (value as bigint | UnsignedInt).valueOf().toString(radix[verb]);
  return clause.verb === 'X' ? text.toUpperCase() : text;
}

/** A time in RFC 3339, without zeros that end it. */
export const timeText = (value: Date): string => value.toISOString().replace(/\.?0*Z$/, 'Z');

const billion = 1_000_000_000n;

export const nanosecondsOf = ({ seconds, nanos }: Duration): bigint => seconds * billion + BigInt(nanos);

/** A duration in seconds. */
export function durationText(value: Duration): string {
  const length = nanosecondsOf(value);
  const [sign, size] = length < 0n ? ['-', -length] : ['', length];
  return `${sign}${`${size / billion}.${String(size % billion).padStart(9, '0')}`.replace(/\.?0*$/, '')}s`;
}

/** The type of a value as messages name it. */
function typeOf(value: unknown): string {
  if (value === null) return 'null_type';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (value instanceof UnsignedInt) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Date) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map || isPlain(value)) return 'map';
  return typeNameOf(value) === undefined ? 'dyn' : 'type';
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === null || Object.getPrototypeOf(value) === Object.prototype);

/** Of a value that is a type itself. */
function typeNameOf(value: unknown): string | undefined {
  const name = /^\[object Type<(.*)>\]$/.exec(Object.prototype.toString.call(value))?.[1];
  return name === 'null' ? 'null_type' : name;
}

/** A value as text. */
function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(shownInside).join(', ')}]`;
  if (value instanceof Map) return shownMap([...(value as Map<unknown, unknown>)]);
  if (isPlain(value)) return shownMap(Object.entries(value));
  if (typeof value === 'number') return goNumber(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Duration) return durationText(value);
  return value instanceof Date ? timeText(value) : (typeNameOf(value) ?? String(value as string));
}

function shownMap(entries: readonly (readonly [unknown, unknown])[]): string {
  return `{${entries
    .map(([key, member]) => `${shownInside(key)}:${shownInside(member)}`)
    .sort()
    .join(', ')}}`;
}

/** A member of a list or a map is written as a literal of the language. */
function shownInside(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? value.toFixed(defaultPrecision) : JSON.stringify(goNumber(value));
  if (value instanceof Uint8Array) return `b${JSON.stringify(shown(value))}`;
  if (value instanceof Date) return `timestamp("${timeText(value)}")`;
  if (value instanceof Duration) return `duration("${durationText(value)}")`;
  const type = typeOf(value);
  if (type === 'dyn') throw new FormatError('error during formatting: no formatting function for dyn');
  return shown(value);
}
