/** Parses JSON, and finds repeated keys and numbers that JSON.parse would change. */

import { atOnce, type Steps } from '../../base/index.ts';
import { depthMax, ExcessError, jsonExcess } from '../machinery/index.ts';
import { JsonSyntaxError, readJson, type ReadNumber, type RepeatedEntries } from './json-reader.ts';
import { exactNumber, isPlainNumber } from './number-literal.ts';

interface ParsedText {
  readonly value: unknown;
  /** Objects that repeat a key; undefined when none does or they are not wanted. */
  readonly repeated?: RepeatedEntries | undefined;
  /** Whether `number` was asked for any. */
  readonly literals?: boolean;
}

/**
 * Parses JSON. Throws JsonSyntaxError with Go's message, or for a text of too many values. Repeated keys are looked for
 * only when asked. `number` makes what stands for a number that JavaScript would write in another way; by default it
 * throws StatusError 400 for those that would be rounded (`exactNumber`).
 */
export function parseJson(text: string, findRepeated: boolean, number?: ReadNumber): ParsedText {
  return atOnce(parseJsonSteps(text, findRepeated, number));
}

/** The same in steps. */
export function* parseJsonSteps(
  text: string,
  findRepeated: boolean,
  number: ReadNumber = exactNumber,
): Steps<ParsedText> {
  const excess = jsonExcess(text);
  if (excess !== undefined) throw new JsonSyntaxError(excess.message, { cause: excess });
  yield;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    readJson(text);
    throw new JsonSyntaxError('unexpected end of JSON input');
  }
  yield;
  const keys = countKeys(value, 0);
  yield;
  const written = lookAtText(text);
  if (!written.oddNumbers && (!findRepeated || written.keys === keys)) return { value };
  yield;
  const read = readJson(text, (source, field) => (isPlainNumber(source) ? Number(source) : number(source, field)));
  return { value: read.value, repeated: findRepeated ? read.repeated : undefined, literals: written.oddNumbers };
}

/** Keys of all objects in a parsed value; refuses what is nested too deep for a recursive walk. */
function countKeys(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === depthMax) throw tooDeep();
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : members.length;
  for (const member of members)
    if (typeof member === 'object' && member !== null) count += countKeys(member, depth + 1);
  return count;
}

interface WrittenText {
  /** Colons outside of strings. More of them than keys in the parsed value mean that one is repeated. */
  readonly keys: number;
  /** Whether JavaScript would write one of the numbers in another way. */
  readonly oddNumbers: boolean;
}

/** What only a valid JSON text itself says. */
function lookAtText(text: string): WrittenText {
  let keys = 0;
  let oddNumbers = false;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = stringEnd(text, at);
      continue;
    }
    const start = at;
    at += 1;
    if (code === 0x3a) keys += 1;
    else if (code === 0x2d || isDigit(code)) {
      let digits = code !== 0x2d;
      for (let next = text.charCodeAt(at); isOfNumber(next); next = text.charCodeAt((at += 1)))
        digits &&= isDigit(next);
      if ((!digits || at - start > plainDigitsMax) && !isPlainNumber(text.slice(start, at))) oddNumbers = true;
    }
  }
  return { keys, oddNumbers };
}

/** As many digits fit into every number. */
const plainDigitsMax = 15;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Digits, `.`, `e`, `E`, `+` and `-`. */
const isOfNumber = (code: number): boolean =>
  isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d;

/** The position after the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
}

function tooDeep(): JsonSyntaxError {
  return new JsonSyntaxError('exceeded max depth', { cause: new ExcessError('json', 'depth') });
}
