/** Reports compile errors in the words of cel-go, with their place in the source. */

import { EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { publicFunction } from './environment.ts';
import { placeOf } from './places.ts';
import type { PlainSource } from './source-forms.ts';
import { type SyntaxProblem, syntaxProblems } from './syntax-errors.ts';
import { type SyntaxNode, syntaxNode } from './syntax-tree.ts';
import { typeText } from './type-names.ts';

/** What is wrong with an expression, and where in its plain text. */
export interface Problem {
  readonly text: string;
  readonly at: number;
}

/** A source and how it is read. */
export interface Reading {
  readonly source: string;
  readonly plain: PlainSource;
  /** Whether there is a function of this name; macros are none. */
  readonly isFunction: (name: string) => boolean;
  /** What a part of the expression is an operand of. */
  readonly parentOf: (node: SyntaxNode) => SyntaxNode | undefined;
}

/** What an error of the package's parser or type checker means. */
export function problemOf(error: unknown, reading: Reading): Problem {
  return error instanceof ParseError ? syntaxProblem(error) : typeProblem(error, reading);
}

/**
 * Why an expression does not compile, in cel-go's words and order: for each problem the line with a pointer below it.
 */
export function compileText({ source, plain }: Reading, problems: readonly Problem[]): string {
  return failureText(
    source,
    problems.map(({ text, at }) => ({ text, start: Math.min(plain.placeOf(at), source.length) })),
  );
}

/**
 * The same of an expression that cannot be read: the package tells the first thing that is wrong, and in words of its
 * own.
 */
export function unreadableText(error: unknown, reading: Reading): string {
  const known =
    error instanceof ParseError && error.code !== 'invalid_macro_argument' ? syntaxProblems(reading.source) : [];
  return known.length === 0 ? compileText(reading, [problemOf(error, reading)]) : failureText(reading.source, known);
}

function failureText(source: string, problems: readonly SyntaxProblem[]): string {
  const sorted = [...problems].sort((left, right) => left.start - right.start);
  return `compilation failed: ${sorted.map(({ text, start }) => placedText(source, text, start)).join('\n')}`;
}

function placedText(source: string, text: string, start: number): string {
  const before = source.slice(0, start).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = source.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function syntaxProblem(error: ParseError): Problem {
  const text =
    error.code === 'invalid_macro_argument'
      ? error.summary.replace(/^.* invalid predicate iteration variable$/, 'argument must be a simple name')
      : `Syntax error: ${error.summary}`;
  return { text, at: error.range?.start ?? 0 };
}

const overload = (name: string, types: string): string =>
  `found no matching overload for '${name}' applied to '${types}'`;
const typeOf = (node: SyntaxNode | undefined): string => typeText(node?.checkedType?.name ?? 'dyn');
const typesOf = (nodes: readonly SyntaxNode[]): string => `(${nodes.map(typeOf).join(', ')})`;

type Explain = (node: SyntaxNode, error: TypeError, reading: Reading) => Problem;

const explanations: Readonly<Record<string, Explain>> = {
  unknown_variable: (node, error) => ({
    text: `undeclared reference to '${error.summary.replace(/^Unknown variable: /, '')}' (in container '')`,
    at: node.start ?? 0,
  }),
  no_such_key: (node, error, reading) => ({
    text: `undefined field '${error.summary.replace(/^No such key: /, '')}'`,
    at: fieldPlace(node, reading.plain.text),
  }),
  no_such_overload: operatorProblem,
  invalid_logical_operand: operatorProblem,
  no_matching_overload: callProblem,
  incompatible_ternary_branches: (node, _error, reading) => ({
    text: overload('_?_:_', typesOf(node.args as readonly SyntaxNode[])),
    at: placeOf(node, reading.plain.text),
  }),
  invalid_index_type: indexProblem,
  cannot_index_type: indexProblem,
  invalid_comprehension_range: (node, _error, reading) => ({
    text: `expression of type '${typeOf(node)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    at: placeOf(node, reading.plain.text),
  }),
  invalid_condition_type: conditionProblem,
  incompatible_argument_type: optionalProblem,
};

/** A field that `has()` asks for is shown at its parenthesis. */
function fieldPlace(node: SyntaxNode, text: string): number {
  const asked = /\bhas\((\s*)$/.exec(text.slice(0, node.start));
  return asked !== null && /^\s*\)/.test(text.slice(node.end))
    ? (node.start ?? 0) - (asked[1] ?? '').length - 1
    : placeOf(node, text);
}

/** The operations of which macros are made. */
const steps: Readonly<Record<string, (predicate: string) => string>> = {
  all: (predicate) => overload('_&&_', `(bool, ${predicate})`),
  exists: (predicate) => overload('_||_', `(bool, ${predicate})`),
  exists_one: (predicate) => overload('_?_:_', `(${predicate}, int, int)`),
};

/** What decides is no bool: of a ternary, or of a macro. */
function conditionProblem(node: SyntaxNode, error: TypeError, reading: Reading): Problem {
  const [, macro = ''] =
    /^(\w+)\(var, (?:predicate|filter, transform)\) (?:filter )?predicate/.exec(error.summary) ?? [];
  const { text } = reading.plain;
  const step = Math.max(0, text.lastIndexOf(`${macro}(`, node.start) + macro.length);
  if (Object.hasOwn(steps, macro)) return { text: steps[macro]?.(typeOf(node)) ?? '', at: step };
  const condition = typeOf(node);
  const ternary = reading.parentOf(node);
  if (ternary?.op !== '?:') return { text: error.summary, at: node.start ?? 0 };
  const [, left, right] = ternary.args as readonly SyntaxNode[];
  // The types of what is chosen from are known when the rest is checked; a macro chooses between lists of what it
  // gathers.
  return {
    get text() {
      return overload('_?_:_', `(${condition}, ${typeOf(left)}, ${typeOf(macro === '' ? right : left)})`);
    },
    at: macro === '' ? placeOf(ternary, text) : step,
  };
}

/** `or` and `orValue` of another type. */
function optionalProblem(node: SyntaxNode, error: TypeError, reading: Reading): Problem {
  const call = reading.parentOf(node);
  const receiver = call?.meta.macro?.receiver;
  const [, name = ''] = /^optional\.(\w+)\(/.exec(error.summary) ?? [];
  if (call === undefined || receiver === undefined || name === '') return { text: error.summary, at: node.start ?? 0 };
  return { text: overload(name, `${typeOf(receiver)}.(${typeOf(node)})`), at: placeOf(call, reading.plain.text) };
}

function operatorProblem(node: SyntaxNode, _error: TypeError, reading: Reading): Problem {
  const at = placeOf(node, reading.plain.text);
  if (node.op === '!_' || node.op === '-_') return { text: overload(node.op, typesOf([node.args as SyntaxNode])), at };
  return { text: overload(node.op === 'in' ? '@in' : `_${node.op}_`, typesOf(node.args as readonly SyntaxNode[])), at };
}

function callProblem(node: SyntaxNode, _error: TypeError, reading: Reading): Problem {
  const parts = node.args as readonly unknown[];
  const name = publicFunction(String(parts[0]));
  const receiver = node.op === 'rcall' ? (parts[1] as SyntaxNode) : undefined;
  const at = placeOf(node, reading.plain.text);
  if (!reading.isFunction(name)) return { text: `undeclared reference to '${name}' (in container '')`, at };
  const types = typesOf(parts[receiver === undefined ? 1 : 2] as readonly SyntaxNode[]);
  return { text: overload(name, receiver === undefined ? types : `${typeOf(receiver)}.${types}`), at };
}

function indexProblem(node: SyntaxNode, _error: TypeError, reading: Reading): Problem {
  const operands = node.args as readonly SyntaxNode[];
  const at = node.op === '.' ? fieldPlace(node, reading.plain.text) : placeOf(node, reading.plain.text);
  return {
    text:
      node.op === '.' || node.op === '.?'
        ? `type '${typeOf(operands[0])}' does not support field selection`
        : overload('_[_]', typesOf(operands)),
    at,
  };
}

function typeProblem(error: unknown, reading: Reading): Problem {
  if (!(error instanceof TypeError))
    return {
      text: error instanceof EvaluationError ? error.summary : error instanceof Error ? error.message : String(error),
      at: 0,
    };
  const node = error.node === undefined ? undefined : syntaxNode(error.node);
  const explain =
    error.code === undefined || !Object.hasOwn(explanations, error.code) ? undefined : explanations[error.code];
  if (node !== undefined && 'op' in node && explain !== undefined) return explain(node, error, reading);
  return { text: error.summary, at: error.range?.start ?? 0 };
}
