/** The parts of the CEL package that our macros work with. */

import type { SyntaxNode } from './syntax-tree.ts';

/** What the package's types, contexts, type checker and evaluator are to macros. */
export interface Type {
  readonly kind: string;
  readonly name: string;
  readonly keyType?: Type;
  readonly valueType?: Type;
}

export interface Context {
  forkWithVariable(name: string, type: Type): Context;
  reuse(parent: Context): Context;
  setIterValue(value: unknown, evaluator: Evaluator): Context;
}

export interface Checker {
  check(node: SyntaxNode, context: Context): Type;
  getType(name: string): Type;
  createError(code: string, message: string, node: SyntaxNode): Error;
}

export interface Evaluator {
  run(node: SyntaxNode, context: Context): unknown;
}

/** How a call of a macro stands in the source. */
export interface MacroCall {
  readonly ast: SyntaxNode;
  readonly args: readonly SyntaxNode[];
  readonly receiver: SyntaxNode;
}
