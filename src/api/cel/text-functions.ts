/** The functions of the CEL string extension, and those on regular expressions. */

import { compilePattern, type RegularExpression } from '../machinery/index.ts';
import { type CelEnvironment, ownFunction } from './environment.ts';
import { formatted } from './text-format.ts';

const failure = (text: string): Error => new Error(text);

function expressionOf(pattern: string): RegularExpression {
  const expression = compilePattern(pattern);
  if (typeof expression === 'string') throw failure(expression);
  return expression;
}

function found(text: string, pattern: string, max: number): string[] {
  return [...expressionOf(pattern).find(text, max < 0 ? Infinity : max)];
}

function replaced(text: string, from: string, to: { readonly with: string; readonly count: bigint }): string {
  if (to.count < 0n) return text.replaceAll(from, () => to.with);
  let rest = text;
  let done = '';
  for (let left = to.count; left > 0n; left--) {
    const at = rest.indexOf(from);
    if (at < 0) break;
    done += rest.slice(0, at) + to.with;
    rest = rest.slice(at + from.length);
  }
  return done + rest;
}

/** Gives `strings.quote` a receiver. */
class TextFunctions {}

/** A text as a literal of the language. */
function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '\u0007': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
    '"': '\\"',
  };
  // eslint-disable-next-line no-control-regex
  return `"${text.replace(/[\u0007\b\f\n\r\t\v\\"]/g, (letter) => escapes[letter] ?? letter)}"`;
}

/** Functions of texts that Kubernetes adds: strings, regular expressions. */
export function registerTextFunctions(environment: CelEnvironment): void {
  environment
    .registerType('kubernetes.Strings', TextFunctions)
    .registerConstant('strings', 'kubernetes.Strings', new TextFunctions())
    .registerFunction('kubernetes.Strings.quote(string): string', (_functions: unknown, text: string) => quoted(text))
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      replaced(text, from, { with: to, count: -1n }),
    )
    .registerFunction(
      'string.replace(string, string, int): string',
      (text: string, from: string, to: string, count: bigint) => replaced(text, from, { with: to, count }),
    )
    .registerFunction(`${ownFunction('matches')}(string, string): bool`, (text: string, pattern: string) =>
      expressionOf(pattern).test(text),
    )
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.format(list): string', formatted)
    .registerFunction(`string.${ownFunction('matches')}(string): bool`, (text: string, pattern: string) =>
      expressionOf(pattern).test(text),
    )
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => found(text, pattern, 1)[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      found(text, pattern, -1),
    )
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, count: bigint) =>
      found(text, pattern, Number(count)),
    );
}
