/** Parses JSON and finds repeated keys. */

import { atOnce, type Steps } from '../../base/index.ts';
import { depthMax, ExcessError, jsonExcess } from '../machinery/index.ts';
import { JsonSyntaxError, readJson, type RepeatedEntries } from './json-reader.ts';

interface ParsedText {
  readonly value: unknown;
  /** Objects that repeat a key; undefined when none does or they are not wanted. */
  readonly repeated?: RepeatedEntries;
}

/**
 * Parses JSON. Throws JsonSyntaxError with Go's message, or for a text of too many values. Repeated keys are looked for
 * only when asked.
 */
export function parseJson(text: string, findRepeated: boolean): ParsedText {
  return atOnce(parseJsonSteps(text, findRepeated));
}

/** The same in steps. */
export function* parseJsonSteps(text: string, findRepeated: boolean): Steps<ParsedText> {
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
  if (!findRepeated) return { value };
  yield;
  if (countWrittenKeys(text) === keys) return { value };
  yield;
  return readJson(text);
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

/**
 * Keys as they stand in a valid JSON text: the strings that a colon follows. More of them than in the parsed value
 * means that one is repeated.
 */
function countWrittenKeys(text: string): number {
  let count = 0;
  let at = text.indexOf('"');
  while (at >= 0) {
    at = stringEnd(text, at);
    let next = text.charCodeAt(at);
    while (next === 0x20 || next === 0x0a || next === 0x0d || next === 0x09) next = text.charCodeAt((at += 1));
    if (next === 0x3a) count += 1;
    at = text.indexOf('"', at);
  }
  return count;
}

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
