import { compilePattern, type RegularExpression } from '../machinery/index.ts';
import { type CelEnvironment, matchesFunction } from './environment.ts';

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

/** printf's verbs as CEL has them: %s %d %f %e %b %o %x %X %%. */
function formatted(pattern: string, values: readonly unknown[]): string {
  let next = 0;
  return pattern.replace(/%(?:\.(\d+))?([sdfeboxX%])/g, (_whole, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= values.length) throw failure(`index ${next} out of range`);
    return formatOne(values[next++], verb, precision === undefined ? 6 : Number(precision));
  });
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** As cel-go writes it: 1.05 × 10⁰³. */
function exponential(value: number, precision: number): string {
  const [digits = '', exponent = ''] = value.toExponential(precision).split('e');
  const power = exponent.replace(/^[+-]/, '').padStart(2, '0').replace(/\d/g, (digit) => superscripts[Number(digit)] ?? '');
  return `${digits}\u202f×\u202f10${exponent.startsWith('-') ? '⁻' : ''}${power}`;
}

/** A time in RFC 3339, without zeros that end it. */
export const timeText = (value: Date): string => value.toISOString().replace(/\.?0*Z$/, 'Z');

const radix: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

function formatOne(value: unknown, verb: string, precision: number): string {
  if (verb === 'f') return Number(value).toFixed(precision);
  if (verb === 'e') return exponential(Number(value), precision);
  if (verb === 's') return shown(value);
  const base = radix[verb] ?? 10;
  const text = typeof value === 'bigint' || typeof value === 'number' ? value.toString(base) : shown(value);
  return verb === 'X' ? text.toUpperCase() : text;
}

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map) return `{${[...(value as Map<unknown, unknown>)].map(([key, member]) => `${shown(key)}: ${shown(member)}`).sort().join(', ')}}`;
  return value instanceof Date ? timeText(value) : String(value as string);
}

/** Gives `strings.quote` a receiver. */
class TextFunctions {}

/** A text as a literal of the language. */
function quoted(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' };
  // eslint-disable-next-line no-control-regex
  return `"${text.replace(/[\u0007\b\f\n\r\t\v\\"]/g, (letter) => escapes[letter] ?? letter)}"`;
}

/** Functions of texts that Kubernetes adds: strings, regular expressions. */
export function registerTextFunctions(environment: CelEnvironment): void {
  environment
    .registerType('kubernetes.Strings', TextFunctions)
    .registerConstant('strings', 'kubernetes.Strings', new TextFunctions())
    .registerFunction('kubernetes.Strings.quote(string): string', (_functions: unknown, text: string) => quoted(text))
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
      if (at < 0n || at > BigInt(text.length)) throw failure(`index out of range: ${at}`);
      return text.charAt(Number(at));
    })
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => replaced(text, from, { with: to, count: -1n }))
    .registerFunction('string.replace(string, string, int): string', (text: string, from: string, to: string, count: bigint) => replaced(text, from, { with: to, count }))
    .registerFunction(`${matchesFunction}(string, string): bool`, (text: string, pattern: string) => expressionOf(pattern).test(text))
    .registerFunction('string(google.protobuf.Timestamp): string', timeText)
    .registerFunction('string(google.protobuf.Duration): string', (value: object) => String(value))
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.format(list): string', (text: string, values: readonly unknown[]) => formatted(text, values))
    .registerFunction(`string.${matchesFunction}(string): bool`, (text: string, pattern: string) => expressionOf(pattern).test(text))
    .registerFunction('string.find(string): string', (text: string, pattern: string) => found(text, pattern, 1)[0] ?? '')
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => found(text, pattern, -1))
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, count: bigint) => found(text, pattern, Number(count)));
}
