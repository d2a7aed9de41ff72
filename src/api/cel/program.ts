import { Environment, EvaluationError, ParseError, type ParseResult, TypeError } from '@marcbachmann/cel-js';
import { limits } from '../../base/index.ts';
import { registerAddressFunctions } from './address-functions.ts';
import { type CelEnvironment, matchesFunction } from './environment.ts';
import { registerFormatFunctions } from './format-functions.ts';
import { registerListFunctions } from './list-functions.ts';
import { badLiteral } from './literal-checks.ts';
import { registerQuantityFunctions } from './quantity-functions.ts';
import { meterCosts, withMeter } from './cost-meter.ts';
import { type DeclaredSize, estimateCost } from './cost-estimate.ts';
import { registerSemverFunctions } from './semver-functions.ts';
import type { SyntaxNode } from './syntax-tree.ts';
import { registerTextFunctions } from './text-functions.ts';
import { registerTwoVariableMacros } from './two-variable-macros.ts';
import { registerUrlFunctions } from './url-functions.ts';

/** Expressions longer or deeper than this are refused when they are compiled. */
const sourceLimits = { maxAstNodes: 10_000, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 32 };

/** An expression failed while it ran. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

/** An expression cost more than one may: it was ended. */
export class CelCallLimitError extends CelError {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** What the expressions of one object or request may still cost together. Spent when it is below zero. */
export interface CostBudget {
  left: number;
}

/** The expressions of one object or request cost more than all of them may. */
export class CelBudgetError extends CelError {}

/** A compiled expression. Throws CelError when it cannot be evaluated. What it costs is taken from the budget. */
export type CelProgram = (values: Readonly<Record<string, unknown>>, budget?: CostBudget) => unknown;

/** A compiled expression. `estimate`: the most that it may cost where `self` is as large as it may be. */
export interface Compiled {
  /** Of the result. */
  readonly type: string;
  readonly program: CelProgram;
  readonly estimate: (self: DeclaredSize) => number;
}

export type CompileResult = Compiled | { readonly error: string };

let base: Environment | undefined;

/** An environment of its own to declare variables in: Kubernetes' functions and nothing else. */
export function baseEnvironment(): CelEnvironment {
  base ??= made();
  return base.clone();
}

function made(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: sourceLimits });
  for (const register of [registerTextFunctions, registerListFunctions, registerQuantityFunctions, registerAddressFunctions, registerUrlFunctions, registerSemverFunctions, registerFormatFunctions, registerTwoVariableMacros]) register(environment);
  return environment;
}

/** Compiles an expression whose result must be of the wanted type. */
export function compileProgram(environment: CelEnvironment, source: string, wanted: 'bool' | 'string' | 'string or null' | 'any'): CompileResult {
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
  const fits = wanted === 'any' || type.startsWith('dyn') || (wanted === 'string or null' ? type === 'string' || type === 'null' : type === wanted);
  if (!fits) return { error: wanted === 'string or null' ? 'must evaluate to one of [string null_type]' : `must evaluate to ${wanted} but got ${type}` };
  const tree = parsed.ast as unknown as SyntaxNode;
  const bad = badLiteral(tree, environment);
  if (bad !== undefined) return { error: placedText(source, bad.text, bad.start) };
  meterCosts(tree);
  return { type, program: (values, budget) => run(parsed, values, budget), estimate: (self) => estimateCost(tree, self) };
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
  const summary = missing.reduce((text, [pattern, words]) => text.replace(pattern, words), summaryOf(error));
  const at = Math.min((error as { readonly range?: { readonly start: number } } | undefined)?.range?.start ?? 0, source.length);
  // A selection stands where its dot stands.
  return placedText(source, `${prefix}${summary}`, summary.startsWith('undefined field') ? Math.max(0, source.lastIndexOf('.', at)) : at);
}

function placedText(source: string, text: string, start: number): string {
  const before = source.slice(0, start).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = source.split('\n')[before.length - 1] ?? '';
  return `compilation failed: ERROR: <input>:${before.length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function summaryOf(error: unknown): string {
  if (error instanceof ParseError || error instanceof TypeError || error instanceof EvaluationError) return error.summary;
  return error instanceof Error ? error.message : String(error);
}

const spentText = 'validation failed due to running out of cost budget, no further validation rules will be run';

function run(parsed: ParseResult, values: Readonly<Record<string, unknown>>, budget: CostBudget | undefined): unknown {
  if (budget !== undefined && budget.left < 0) throw new CelBudgetError(spentText);
  let spent: CelCallLimitError | undefined;
  const meter = { cost: 0, max: limits.celCallCostMax, spent: () => (spent ??= new CelCallLimitError()) };
  try {
    const outcome = withMeter(meter, () => attempt(parsed, values));
    // An `||` or a macro may have gone on after the limit was reached.
    if (meter.cost > meter.max) throw meter.spent();
    if ('failure' in outcome) throw outcome.failure instanceof CelError ? outcome.failure : new CelError(runtimeText(outcome.failure), { cause: outcome.failure });
    return outcome.value;
  } finally {
    if (budget !== undefined) spend(budget, meter.cost);
  }
}

function spend(budget: CostBudget, cost: number): void {
  budget.left -= cost;
  if (budget.left < 0) throw new CelBudgetError(spentText);
}

function attempt(parsed: ParseResult, values: Readonly<Record<string, unknown>>): { readonly value: unknown } | { readonly failure: unknown } {
  try {
    return { value: parsed(values as Record<string, never>) as unknown };
  } catch (failure) {
    return { failure };
  }
}

/** What went wrong, in the words of Kubernetes' implementation for the failures that users meet. */
function runtimeText(error: unknown): string {
  const summary = summaryOf(error);
  if (summary.startsWith('No such key: index out of bounds')) return summary.replace(/^No such key: index out of bounds, index (-?\d+).*$/, 'index out of bounds: $1');
  if (/^(no such overload|Operator|Function|found no matching overload|Invalid function)/i.test(summary)) return 'no such overload';
  return summary.replace(/^No such key/, 'no such key');
}
