import { Environment, EvaluationError, ParseError, type ParseResult, TypeError } from '@marcbachmann/cel-js';
import { registerAddressFunctions } from './address-functions.ts';
import { registerListFunctions } from './list-functions.ts';
import { registerQuantityFunctions } from './quantity-functions.ts';
import { matchesFunction, registerTextFunctions } from './text-functions.ts';
import { registerUrlFunctions } from './url-functions.ts';

export type CelEnvironment = Environment;

/** Expressions longer or deeper than this are refused when they are compiled. */
const limits = { maxAstNodes: 10_000, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 32 };

/** An expression failed while it ran. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

/** A compiled expression. Throws CelError when it cannot be evaluated. */
export type CelProgram = (values: Readonly<Record<string, unknown>>) => unknown;

export type CompileResult = { readonly program: CelProgram } | { readonly error: string };

let base: Environment | undefined;

/** An environment of its own to declare variables in: Kubernetes' functions and nothing else. */
export function baseEnvironment(): CelEnvironment {
  base ??= made();
  return base.clone();
}

function made(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits });
  for (const register of [registerTextFunctions, registerListFunctions, registerQuantityFunctions, registerAddressFunctions, registerUrlFunctions]) register(environment);
  return environment;
}

/** Compiles an expression whose result must be of the wanted type. */
export function compileProgram(environment: CelEnvironment, source: string, wanted: 'bool' | 'string' | 'any'): CompileResult {
  let parsed: ParseResult;
  try {
    parsed = environment.parse(source);
    useLinearMatches(parsed.ast);
  } catch (error) {
    return { error: compileText(source, error, 'Syntax error: ') };
  }
  const checked = parsed.check();
  if (!checked.valid) return { error: compileText(source, checked.error, '') };
  const type = checked.type ?? 'dyn';
  if (wanted !== 'any' && type !== wanted && !type.startsWith('dyn')) return { error: `must evaluate to ${wanted} but got ${type}` };
  return { program: (values) => run(parsed, values) };
}

/** Leads every call of `matches` to the function that no pattern can hold up; the library's own cannot be replaced. */
function useLinearMatches(node: unknown): void {
  if (Array.isArray(node)) {
    if (node[0] === 'matches') node[0] = matchesFunction;
    for (const part of node) useLinearMatches(part);
  } else if (typeof node === 'object' && node !== null && 'args' in node) {
    // A literal's value is no call, whatever it says.
    if (!('op' in node) || node.op !== 'value') useLinearMatches(node.args);
  }
}

const missing: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/^Unknown variable: (.*)$/, "undeclared reference to '$1' (in container '')"],
  [/^No such key: (.*)$/, "undefined field '$1'"],
  [/^Expected IDENTIFIER, got EOF$/, "no viable alternative at input '.'"],
];

/** Why an expression does not compile, and where: the line with a pointer below it. */
function compileText(source: string, error: unknown, prefix: string): string {
  const start = Math.min((error as { readonly range?: { readonly start: number } } | undefined)?.range?.start ?? 0, source.length);
  const before = source.slice(0, start).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = source.split('\n')[before.length - 1] ?? '';
  const summary = missing.reduce((text, [pattern, words]) => text.replace(pattern, words), summaryOf(error));
  return `compilation failed: ERROR: <input>:${before.length}:${column + 1}: ${prefix}${summary}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function summaryOf(error: unknown): string {
  if (error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError) return error.summary;
  return error instanceof Error ? error.message : String(error);
}

function run(parsed: ParseResult, values: Readonly<Record<string, unknown>>): unknown {
  try {
    return parsed(values as Record<string, never>) as unknown;
  } catch (error) {
    if (error instanceof CelError) throw error;
    throw new CelError(runtimeText(error), { cause: error });
  }
}

/** What went wrong, in the words of Kubernetes' implementation for the failures that users meet. */
function runtimeText(error: unknown): string {
  const summary = summaryOf(error);
  if (summary.startsWith('No such key: index out of bounds')) return summary.replace(/^No such key: index out of bounds, index (-?\d+).*$/, 'index out of bounds: $1');
  if (/^(no such overload|Operator|Function|found no matching overload|Invalid function)/i.test(summary)) return 'no such overload';
  return summary.replace(/^No such key/, 'no such key');
}
