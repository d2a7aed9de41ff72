/** Reads JSON of which no number may be changed without a word. */
import { stringEnd } from './json-bounds.ts';
import { badRequest } from './status-errors.ts';
import { inexactInteger, isInt64, isKeptInteger } from './whole-number.ts';

/** What a text needs for one of its numbers to be changed. */
const mayRound = /\d{16}|\d[eE]\+?\d{3}/;
const number = /-?\d[\d.eE+-]*/g;

/**
 * As JSON.parse, and as fast for nearly all texts. Throws SyntaxError, or StatusError 400 for a number that Go keeps
 * and JavaScript would round, or that is more than a float64.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (mayRound.test(text)) checkNumbers(text);
  return value;
}

function checkNumbers(text: string): void {
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const end = quote < 0 ? text.length : quote;
    for (const [source] of text.slice(at, end).matchAll(number)) checkNumber(source);
    at = quote < 0 ? end : stringEnd(text, quote + 1) + 1;
  }
}

function checkNumber(source: string): void {
  if (isInt64(source) && !isKeptInteger(BigInt(source))) throw inexactInteger(source);
  if (!Number.isFinite(Number(source)))
    throw badRequest(`json: cannot unmarshal number ${source} into Go value of type float64`);
}
