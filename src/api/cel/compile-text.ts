import { EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import { matchesFunction } from './environment.ts';
import type { PlainSource } from './source-forms.ts';
import type { SyntaxNode } from './syntax-tree.ts';
import { typeText } from './type-names.ts';

/** What is wrong with an expression, and where in its plain text. */
interface Problem {
  readonly text: string;
  readonly at: number;
}

/** A source and how it is read. */
export interface Reading {
  readonly source: string;
  readonly plain: PlainSource;
  /** Whether there is a function of this name. */
  readonly isFunction: (name: string) => boolean;
}

/** Why an expression does not compile, in cel-go's words: the line with a pointer below it. */
export function compileText(error: unknown, reading: Reading): string {
  const { text, at } = error instanceof ParseError ? syntaxProblem(error) : typeProblem(error, reading);
  return placedText(reading, text, at);
}

/** `at`: in the plain text. */
export function placedText({ source, plain }: Reading, text: string, at: number): string {
  const start = Math.min(plain.placeOf(at), source.length);
  const before = source.slice(0, start).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = source.split('\n')[before.length - 1] ?? '';
  return `compilation failed: ERROR: <input>:${before.length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

const operandsExpected = "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const syntaxTexts: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/^Expected IDENTIFIER, got EOF$/, "no viable alternative at input '.'"],
  [/^Unexpected token: EOF$/, `mismatched input '<EOF>' ${operandsExpected}`],
];

function syntaxProblem(error: ParseError): Problem {
  const at = error.range?.start ?? 0;
  if (error.code === 'invalid_macro_argument') return { text: error.summary, at };
  return { text: `Syntax error: ${syntaxTexts.reduce((text, [pattern, words]) => text.replace(pattern, words), error.summary)}`, at };
}

const overload = (name: string, types: string): string => `found no matching overload for '${name}' applied to '${types}'`;
const typeOf = (node: SyntaxNode | undefined): string => typeText(node?.checkedType?.name ?? 'dyn');
const typesOf = (nodes: readonly SyntaxNode[]): string => `(${nodes.map(typeOf).join(', ')})`;

type Explain = (node: SyntaxNode, error: TypeError, reading: Reading) => Problem;

/** What is found between two operands, such as an operator. */
const between = ({ plain }: Reading, left: SyntaxNode | undefined, mark: string): number => Math.max(0, plain.text.indexOf(mark, left?.end ?? 0));

const explanations: Readonly<Record<string, Explain>> = {
  unknown_variable: (node, error) => ({ text: `undeclared reference to '${error.summary.replace(/^Unknown variable: /, '')}' (in container '')`, at: node.start ?? 0 }),
  no_such_key(node, error, reading) {
    const at = node.op === '.' || node.op === '.?' ? between(reading, (node.args as readonly SyntaxNode[])[0], '.') : node.start ?? 0;
    return { text: `undefined field '${error.summary.replace(/^No such key: /, '')}'`, at };
  },
  no_such_overload: operatorProblem,
  invalid_logical_operand: operatorProblem,
  no_matching_overload: callProblem,
  incompatible_ternary_branches: (node, _error, reading) => ({ text: overload('_?_:_', typesOf(node.args as readonly SyntaxNode[])), at: between(reading, (node.args as readonly SyntaxNode[])[0], '?') }),
  invalid_index_type: indexProblem,
  cannot_index_type: indexProblem,
  invalid_comprehension_range: (node) => ({ text: `expression of type '${typeOf(node)}' cannot be range of a comprehension (must be list, map, or dynamic)`, at: node.start ?? 0 }),
};

function operatorProblem(node: SyntaxNode, _error: TypeError, reading: Reading): Problem {
  if (node.op === '!_' || node.op === '-_') return { text: overload(node.op, typesOf([node.args as SyntaxNode])), at: node.start ?? 0 };
  const operands = node.args as readonly SyntaxNode[];
  return { text: overload(node.op === 'in' ? '@in' : `_${node.op}_`, typesOf(operands)), at: between(reading, operands[0], node.op) };
}

function callProblem(node: SyntaxNode, _error: TypeError, reading: Reading): Problem {
  const parts = node.args as readonly unknown[];
  const name = parts[0] === matchesFunction ? 'matches' : String(parts[0]);
  const receiver = node.op === 'rcall' ? (parts[1] as SyntaxNode) : undefined;
  const at = Math.max(0, reading.plain.text.indexOf('(', (receiver?.end ?? node.start ?? 0) + name.length));
  if (!reading.isFunction(name)) return { text: `undeclared reference to '${name}' (in container '')`, at };
  const types = typesOf(parts[receiver === undefined ? 1 : 2] as readonly SyntaxNode[]);
  return { text: overload(name, receiver === undefined ? types : `${typeOf(receiver)}.${types}`), at };
}

function indexProblem(node: SyntaxNode, _error: TypeError, reading: Reading): Problem {
  const operands = node.args as readonly SyntaxNode[];
  if (node.op === '.' || node.op === '.?') return { text: `type '${typeOf(operands[0])}' does not support field selection`, at: between(reading, operands[0], '.') };
  return { text: overload('_[_]', typesOf(operands)), at: between(reading, operands[0], '[') };
}

function typeProblem(error: unknown, reading: Reading): Problem {
  if (!(error instanceof TypeError)) return { text: error instanceof EvaluationError ? error.summary : error instanceof Error ? error.message : String(error), at: 0 };
  const node = error.node as unknown as SyntaxNode | undefined;
  const explain = error.code === undefined || !Object.hasOwn(explanations, error.code) ? undefined : explanations[error.code];
  if (node !== undefined && 'op' in node && explain !== undefined) return explain(node, error, reading);
  return { text: error.summary, at: error.range?.start ?? 0 };
}
