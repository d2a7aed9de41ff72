/** Compiles a CEL expression and runs it within a cost budget. */

import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { limits } from '../../base/index.ts';
import { registerAddressFunctions } from './address-functions.ts';
import { type CelEnvironment, hasFunction, ownFunction } from './environment.ts';
import { useOwnCollections } from './collection-operators.ts';
import { registerConversionFunctions } from './conversion-functions.ts';
import { registerFormatFunctions } from './format-functions.ts';
import { registerListFunctions } from './list-functions.ts';
import { badLiterals } from './literal-checks.ts';
import { registerQuantityFunctions } from './quantity-functions.ts';
import { compileText, type Problem, problemOf, type Reading, unreadableText } from './compile-text.ts';
import { meterCosts, withMeter } from './cost-meter.ts';
import { estimateCost } from './cost-estimate.ts';
import type { DeclaredSize } from './estimated-size.ts';
import { declareObjects } from './object-literals.ts';
import { optionalEntries, registerOptionalFunctions } from './optional-functions.ts';
import { presence } from './presence.ts';
import { runtimeText } from './runtime-text.ts';
import { registerSemverFunctions } from './semver-functions.ts';
import { objectLiteral, plainSource } from './source-forms.ts';
import { isDeeper, isNode, parentIn, type SyntaxNode, syntaxNode } from './syntax-tree.ts';
import { registerTextFunctions } from './text-functions.ts';
import { registerTextPositions } from './text-positions.ts';
import { registerTimeFunctions } from './time-functions.ts';
import { registerTwoVariableMacros } from './two-variable-macros.ts';
import { resultTypeText } from './type-names.ts';
import { registerUrlFunctions } from './url-functions.ts';

/** Expressions longer or deeper than this are refused when they are compiled. */
const sourceLimits = {
  maxAstNodes: 10_000,
  maxDepth: 100,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

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

/** A new environment to declare variables in, with Kubernetes' functions. */
export function baseEnvironment(): CelEnvironment {
  base ??= made();
  return base.clone();
}

function made(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: sourceLimits,
  });
  for (const register of [
    registerConversionFunctions,
    registerTimeFunctions,
    registerTextFunctions,
    registerTextPositions,
    registerListFunctions,
    registerQuantityFunctions,
    registerAddressFunctions,
    registerUrlFunctions,
    registerSemverFunctions,
    registerFormatFunctions,
    registerOptionalFunctions,
    registerTwoVariableMacros,
  ])
    register(environment);
  return environment;
}

/** Operators in a row, each an operand of the next: everything that walks a tree calls itself for each. */
const operatorsMax = 500;
const tooDeep = { error: `compilation failed: the expression has more than ${operatorsMax} operators in a row` };

/** What an expression must give. `Object` and `list<JSONPatch>`: it may write out objects. */
type WantedType = 'bool' | 'string' | 'string or null' | 'Object' | 'list<JSONPatch>' | 'any';

/** Longer expressions are not even read. */
function lengthProblem(source: string): string | undefined {
  const { celSourceMax } = limits;
  if (source.length <= celSourceMax) return undefined;
  const characters = Array.from(source).length;
  return characters <= celSourceMax
    ? undefined
    : `compilation failed: the expression has ${characters} characters, the limit is ${celSourceMax}`;
}

/** Compiles an expression whose result must be of the wanted type. */
export function compileProgram(environment: CelEnvironment, source: string, wanted: WantedType): CompileResult {
  const tooLong = lengthProblem(source);
  if (tooLong !== undefined) return { error: tooLong };
  const plain = plainSource(source, optionalEntries);
  const own = environment.clone();
  let tree: SyntaxNode | undefined;
  const isFunction = (name: string): boolean => !macros.has(name) && hasFunction(own, name);
  const reading: Reading = {
    source,
    plain,
    isFunction,
    parentOf: (node) => (tree === undefined ? undefined : parentIn(tree, node)),
  };
  const unknown =
    wanted === 'Object' || wanted === 'list<JSONPatch>' ? declareObjects(own, plain.objects) : plain.objects[0];
  if (unknown !== undefined)
    return {
      error: compileText(reading, [
        {
          text: `undeclared reference to '${unknown}' (in container '')`,
          at: plain.text.indexOf(`${objectLiteral}(${JSON.stringify(unknown)}`),
        },
      ]),
    };
  let parsed: ParseResult;
  try {
    parsed = own.parse(plain.text);
    tree = syntaxNode(parsed.ast);
    if (isDeeper(tree, operatorsMax)) return tooDeep;
    useOwnMacros(tree);
  } catch (error) {
    // The parser of the package calls itself for each operator.
    return error instanceof RangeError ? tooDeep : { error: unreadableText(error, reading) };
  }
  const checked = checkedType(parsed, reading);
  if (typeof checked !== 'string') return { error: compileText(reading, checked) };
  const type = checked;
  const bad = badLiterals(tree, { environment: own, source: plain.text });
  if (bad.length > 0)
    return {
      error: compileText(
        reading,
        bad.map(({ text, start }) => ({ text, at: start })),
      ),
    };
  if (!fits(type, wanted) || (wanted !== 'any' && isUntypedRead(tree, type)))
    return { error: `must evaluate to ${wantedText(wanted)} but got ${resultTypeText(type)}` };
  useOwnCollections(tree);
  meterCosts(tree);
  return {
    type,
    program: (values, budget) => run(parsed, values, budget),
    estimate: (self) => estimateCost(tree, self),
  };
}

/** Maximum number of problems reported for an expression. */
const problemsMax = 100;

/** The type of an expression, or all that is wrong with it: what is wrong may be anything for the rest of the check. */
function checkedType(parsed: ParseResult, reading: Reading): string | readonly Problem[] {
  const problems: Problem[] = [];
  const told = new Set<object>();
  let checked = parsed.check();
  while (!checked.valid) {
    const problem = problemOf(checked.error, reading);
    // A macro reports the problem of its argument again.
    if (problems.some(({ text, at }) => text === problem.text && at === problem.at)) return problems;
    problems.push(problem);
    const node = checked.error?.node as { checkedType?: unknown } | undefined;
    if (node === undefined || told.has(node) || problems.length === problemsMax) return problems;
    told.add(node);
    node.checkedType = anything();
    checked = parsed.check();
  }
  return problems.length === 0 ? (checked.type ?? 'dyn') : problems;
}

let anythingType: unknown;

/** The package's type of what may be of any. */
function anything(): unknown {
  if (anythingType !== undefined) return anythingType;
  const parsed = baseEnvironment().parse('dyn(1)');
  parsed.check();
  anythingType = syntaxNode(parsed.ast).checkedType;
  return anythingType;
}

/** With another number of arguments, these are names of nothing. */
const macros: ReadonlySet<string> = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'filter',
  'has',
  'map',
  'transformList',
  'transformMap',
  'transformMapEntry',
  'optMap',
  'optFlatMap',
]);

function fits(type: string, wanted: WantedType): boolean {
  if (wanted === 'any' || type.startsWith('dyn')) return true;
  if (wanted === 'list<JSONPatch>') return type === wanted || type === 'list';
  return wanted === 'string or null' ? type === 'string' || type === 'null' : type === wanted;
}

const untyped: ReadonlySet<string> = new Set(['object', 'oldObject', 'params', 'self', 'oldSelf']);

/** Whether an expression is nothing but a field of an object without types: what it gives cannot be known. */
function isUntypedRead(node: SyntaxNode, type: string): boolean {
  let owner = node;
  while (owner.op === '.' || owner.op === '[]') [owner] = owner.args as readonly [SyntaxNode];
  return type === 'dyn' && owner.op === 'id' && untyped.has(String(owner.args));
}

const wantedText = (wanted: WantedType): string =>
  wanted === 'string or null' ? 'one of [string null_type]' : resultTypeText(wanted);

/**
 * Leads calls to the functions that are as Kubernetes has them, and `has` to the macro that takes any owner; the
 * package's own cannot be replaced.
 */
function useOwnMacros(node: unknown): void {
  if (Array.isArray(node)) {
    if (typeof node[0] === 'string') node[0] = ownFunction(node[0]);
    for (const part of node) useOwnMacros(part);
  } else if (typeof node === 'object' && node !== null && 'args' in node) {
    // A literal's value is no call, whatever it says.
    if (!('op' in node) || node.op !== 'value') useOwnMacros(node.args);
    if (isNode(node) && isPresenceTest(node))
      node.setMeta('macro', presence((node.args as readonly [string, readonly [SyntaxNode]])[1][0]));
  }
}

const isPresenceTest = ({ op, args, meta }: SyntaxNode): boolean =>
  op === 'call' && meta.macro !== undefined && (args as readonly unknown[])[0] === 'has';

const spentText = 'validation failed due to running out of cost budget, no further validation rules will be run';

function run(parsed: ParseResult, values: Readonly<Record<string, unknown>>, budget: CostBudget | undefined): unknown {
  if (budget !== undefined && budget.left < 0) throw new CelBudgetError(spentText);
  let spent: CelCallLimitError | undefined;
  const meter = { cost: 0, max: limits.celCallCostMax, spent: () => (spent ??= new CelCallLimitError()) };
  try {
    const outcome = withMeter(meter, () => attempt(parsed, values));
    // An `||` or a macro may have gone on after the limit was reached.
    if (meter.cost > meter.max) throw meter.spent();
    if ('failure' in outcome)
      throw outcome.failure instanceof CelError
        ? outcome.failure
        : new CelError(runtimeText(outcome.failure), { cause: outcome.failure });
    return outcome.value;
  } finally {
    if (budget !== undefined) spend(budget, meter.cost);
  }
}

function spend(budget: CostBudget, cost: number): void {
  budget.left -= cost;
  if (budget.left < 0) throw new CelBudgetError(spentText);
}

function attempt(
  parsed: ParseResult,
  values: Readonly<Record<string, unknown>>,
): { readonly value: unknown } | { readonly failure: unknown } {
  try {
    return { value: parsed(values as Record<string, never>) as unknown };
  } catch (failure) {
    return { failure };
  }
}
