/** The functions of the CEL string extension that count characters. */

import { type CelEnvironment, ownFunction } from './environment.ts';

const outOfRange = (at: bigint): Error => new Error(`index out of range: ${at}`);

/** Its characters; positions count those. */
const lettersOf = (text: string): readonly string[] => [...text];

function letterAt(text: string, at: bigint): string {
  const letters = lettersOf(text);
  if (at < 0n || at > BigInt(letters.length)) throw outOfRange(at);
  return letters[Number(at)] ?? '';
}

/** How many characters stand before this place of JavaScript's. */
const lettersBefore = (text: string, at: number): bigint => BigInt(at < 0 ? at : lettersOf(text.slice(0, at)).length);

function firstFrom(text: string, wanted: string, from: bigint): bigint {
  if (wanted === '') return from;
  if (from < 0n) throw outOfRange(from);
  const start = lettersOf(text).slice(0, Number(from)).join('').length;
  return lettersBefore(text, text.indexOf(wanted, start));
}

function lastFrom(text: string, wanted: string, from: bigint): bigint {
  if (wanted === '') return from;
  if (from < 0n) throw outOfRange(from);
  const letters = lettersOf(text);
  if (from >= BigInt(letters.length)) return -1n;
  return lettersBefore(text, text.lastIndexOf(wanted, letters.slice(0, Number(from)).join('').length));
}

function part(text: string, start: bigint, end: bigint | undefined): string {
  const letters = lettersOf(text);
  const length = BigInt(letters.length);
  if (end !== undefined && start > end) throw new Error(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) throw outOfRange(start);
  if (end !== undefined && end > length) throw outOfRange(end);
  return letters.slice(Number(start), Number(end ?? length)).join('');
}

const changed = (text: string, letters: RegExp, change: (letter: string) => string): string =>
  text.replace(letters, change);

/** Functions of texts that go by the places of characters, and those that change letters of ASCII. */
export function registerTextPositions(environment: CelEnvironment): void {
  const [indexOf, lastIndexOf, substring] = ['indexOf', 'lastIndexOf', 'substring'].map(ownFunction);
  environment
    .registerFunction('string.charAt(int): string', letterAt)
    .registerFunction(`string.${indexOf}(string): int`, (text: string, wanted: string) =>
      lettersBefore(text, text.indexOf(wanted)),
    )
    .registerFunction(`string.${indexOf}(string, int): int`, firstFrom)
    .registerFunction(`string.${lastIndexOf}(string): int`, (text: string, wanted: string) =>
      lettersBefore(text, text.lastIndexOf(wanted)),
    )
    .registerFunction(`string.${lastIndexOf}(string, int): int`, lastFrom)
    .registerFunction(`string.${substring}(int): string`, (text: string, start: bigint) => part(text, start, undefined))
    .registerFunction(`string.${substring}(int, int): string`, part)
    .registerFunction(`string.${ownFunction('lowerAscii')}(): string`, (text: string) =>
      changed(text, /[A-Z]+/g, (letters) => letters.toLowerCase()),
    )
    .registerFunction(`string.${ownFunction('upperAscii')}(): string`, (text: string) =>
      changed(text, /[a-z]+/g, (letters) => letters.toUpperCase()),
    );
}
