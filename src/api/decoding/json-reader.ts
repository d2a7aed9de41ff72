/** A slow JSON parser for bodies about which JSON.parse does not say enough. */
import { depthMax } from '../machinery/index.ts';

/**
 * A JSON reader for the two cases where JSON.parse does not tell enough: what is wrong with a text, in the words of
 * Go's decoder, and which keys an object holds twice. Everything else goes through JSON.parse, which is far faster.
 */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/**
 * Keys and values of objects in the order of the document, repeated keys included; only for objects that repeat one.
 */
export type RepeatedEntries = ReadonlyMap<object, readonly (readonly [string, unknown])[]>;

/** What becomes of a number: its text, and the name of the field that holds it or the list that it is in. */
export type ReadNumber = (source: string, field: string) => unknown;

interface ReadText {
  readonly value: unknown;
  readonly repeated: RepeatedEntries;
}

interface Reading {
  readonly text: string;
  readonly number: ReadNumber;
  at: number;
  field: string;
  depth: number;
  readonly repeated: Map<object, readonly (readonly [string, unknown])[]>;
}

/** Reads a whole text. Throws JsonSyntaxError with Go's message. */
export function readJson(text: string, number: ReadNumber = Number): ReadText {
  const reading: Reading = { text, number, at: 0, field: '', depth: 0, repeated: new Map() };
  skipSpace(reading);
  const value = readValue(reading);
  skipSpace(reading);
  if (reading.at < text.length) fail(reading, 'after top-level value');
  return { value, repeated: reading.repeated };
}

function fail(reading: Reading, where: string): never {
  const code = reading.text.codePointAt(reading.at);
  if (code === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
  throw new JsonSyntaxError(`invalid character ${quoteCharacter(code)} ${where}`);
}

function quoteCharacter(code: number): string {
  if (code === 0x27) return "'\\''";
  if (code === 0x22) return `'"'`;
  return `'${JSON.stringify(String.fromCodePoint(code))
    .slice(1, -1)
    .replace(/^\\u00([0-9a-f]{2})$/, '\\x$1')}'`;
}

function skipSpace(reading: Reading): void {
  for (;;) {
    const code = reading.text.charCodeAt(reading.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reading.at += 1;
  }
}

function readValue(reading: Reading): unknown {
  const character = reading.text[reading.at];
  if (character === '{') return nested(reading, readObject);
  if (character === '[') return nested(reading, readArray);
  if (character === '"') return readString(reading);
  if (character === 't') return readLiteral(reading, 'true', true);
  if (character === 'f') return readLiteral(reading, 'false', false);
  if (character === 'n') return readLiteral(reading, 'null', null);
  if (character !== undefined && /[-\d]/.test(character)) return readNumber(reading);
  return fail(reading, 'looking for beginning of value');
}

function nested<T>(reading: Reading, read: (reading: Reading) => T): T {
  if (reading.depth === depthMax) throw new JsonSyntaxError('exceeded max depth');
  reading.depth += 1;
  const value = read(reading);
  reading.depth -= 1;
  return value;
}

function readObject(reading: Reading): Record<string, unknown> {
  const entries: (readonly [string, unknown])[] = [];
  reading.at += 1;
  skipSpace(reading);
  while (reading.text[reading.at] !== '}') {
    if (reading.text[reading.at] !== '"') fail(reading, 'looking for beginning of object key string');
    const key = readString(reading);
    skipSpace(reading);
    if (reading.text[reading.at] !== ':') fail(reading, 'after object key');
    reading.at += 1;
    skipSpace(reading);
    reading.field = key;
    entries.push([key, readValue(reading)]);
    skipSpace(reading);
    if (reading.text[reading.at] === '}') break;
    if (reading.text[reading.at] !== ',') fail(reading, 'after object key:value pair');
    reading.at += 1;
    skipSpace(reading);
    if (reading.text[reading.at] !== '"') fail(reading, 'looking for beginning of object key string');
  }
  reading.at += 1;
  return remember(reading, entries);
}

function remember(reading: Reading, entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object = Object.fromEntries(entries);
  if (Object.keys(object).length < entries.length) reading.repeated.set(object, entries);
  return object;
}

function readArray(reading: Reading): unknown[] {
  const values: unknown[] = [];
  reading.at += 1;
  skipSpace(reading);
  while (reading.text[reading.at] !== ']') {
    values.push(readValue(reading));
    skipSpace(reading);
    if (reading.text[reading.at] === ']') break;
    if (reading.text[reading.at] !== ',') fail(reading, 'after array element');
    reading.at += 1;
    skipSpace(reading);
    if (reading.text[reading.at] === ']') fail(reading, 'looking for beginning of value');
  }
  reading.at += 1;
  return values;
}

function readString(reading: Reading): string {
  const start = reading.at;
  reading.at += 1;
  for (;;) {
    const code = reading.text.charCodeAt(reading.at);
    if (Number.isNaN(code)) fail(reading, '');
    if (code === 0x22) break;
    if (code < 0x20) fail(reading, 'in string literal');
    if (code === 0x5c) skipEscape(reading);
    else reading.at += 1;
  }
  reading.at += 1;
  return JSON.parse(reading.text.slice(start, reading.at)) as string;
}

function skipEscape(reading: Reading): void {
  reading.at += 1;
  const character = reading.text[reading.at] ?? '';
  if (character === '' || !'bfnrt\\/"u'.includes(character)) fail(reading, 'in string escape code');
  reading.at += 1;
  if (character !== 'u') return;
  for (let digit = 0; digit < 4; digit += 1) {
    if (!/[\da-fA-F]/.test(reading.text[reading.at] ?? '')) fail(reading, 'in \\u hexadecimal character escape');
    reading.at += 1;
  }
}

function readLiteral<T>(reading: Reading, word: string, value: T): T {
  for (const character of word) {
    if (reading.text[reading.at] !== character) fail(reading, `in literal ${word} (expecting '${character}')`);
    reading.at += 1;
  }
  return value;
}

function readNumber(reading: Reading): unknown {
  const start = reading.at;
  const digits = (where: string): void => {
    if (!/\d/.test(reading.text[reading.at] ?? '')) fail(reading, where);
    while (/\d/.test(reading.text[reading.at] ?? '')) reading.at += 1;
  };
  if (reading.text[reading.at] === '-') reading.at += 1;
  if (reading.text[reading.at] === '0') reading.at += 1;
  else digits('in numeric literal');
  if (reading.text[reading.at] === '.') {
    reading.at += 1;
    digits('after decimal point in numeric literal');
  }
  if (/[eE]/.test(reading.text[reading.at] ?? '')) {
    reading.at += 1;
    if (/[-+]/.test(reading.text[reading.at] ?? '')) reading.at += 1;
    digits('in exponent of numeric literal');
  }
  return reading.number(reading.text.slice(start, reading.at), reading.field);
}
