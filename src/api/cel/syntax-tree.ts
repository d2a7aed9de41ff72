/** The nodes of the CEL package's syntax tree, and how to walk them. */

/** A node of the package's syntax tree, as far as costs need to know it. */
export interface SyntaxNode {
  /**
   * `value`, `id`, `.`, `[]`, `call`, `rcall`, `list`, `map`, `?:`, `&&`, `+` …; in macros that are spelt out also
   * `comprehension` and `accu…`.
   */
  readonly op: string;
  readonly args: unknown;
  /** Of its first character in the source. */
  readonly start?: number;
  /** Behind its last character. */
  readonly end?: number;
  /** Set by the type check. */
  readonly checkedType?: { readonly kind: string; readonly name: string };
  /** Computes an operation from its operands; set by the type check. */
  handle?: (...operands: unknown[]) => unknown;
  readonly meta: {
    /** What a macro or a constant stands for. */
    readonly alternate?: SyntaxNode;
    readonly macro?: Macro;
    readonly evaluate: Evaluate;
  };
  setMeta(key: 'evaluate', value: Evaluate): unknown;
  setMeta(key: 'macro', value: Macro): unknown;
}

/** A node as the package hands it out, whose own types do not name what we need. */
export function syntaxNode(node: unknown): SyntaxNode {
  return node as SyntaxNode;
}

type Evaluate = (evaluator: unknown, node: SyntaxNode, context: unknown) => unknown;

/** A macro that evaluates itself: `has`, `cel.bind`, `or` and `orValue`. */
export interface Macro {
  evaluate: (evaluator: unknown, macro: Macro, context: unknown) => unknown;
  /** Of `has`: what the field that is asked for belongs to. */
  readonly owner?: SyntaxNode;
  /** Of objects that are written out: the values of their fields. */
  readonly fields?: readonly SyntaxNode[];
  /** Of `optMap` and `optFlatMap`. */
  readonly mapped?: { readonly variable: string; readonly from: SyntaxNode; readonly to: SyntaxNode };
  /** Of `cel.bind`. */
  readonly var?: string;
  readonly val?: SyntaxNode;
  readonly exp?: SyntaxNode;
  /** Of those that name the place and the value of each element. */
  readonly twoVariables?: {
    readonly name: string;
    readonly key: string;
    readonly value: string;
    readonly range: SyntaxNode;
    readonly parts: readonly SyntaxNode[];
  };
  /** Of optionals. */
  readonly receiver?: SyntaxNode;
  readonly arg?: SyntaxNode;
}

/** A macro over a list or a map, spelt out. */
export interface Comprehension {
  readonly kind?: 'quantifier';
  readonly iterable: SyntaxNode;
  readonly iterVarName: string;
  readonly init: SyntaxNode;
  readonly step: SyntaxNode;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'meta' in value;

/** The nodes that a node is computed from. */
export function operandsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const { alternate, macro } = node.meta;
  if (alternate !== undefined) return [alternate];
  if (macro !== undefined)
    return [
      macro.owner,
      ...(macro.fields ?? []),
      macro.mapped?.from,
      macro.mapped?.to,
      macro.val,
      macro.exp,
      macro.receiver,
      macro.arg,
      macro.twoVariables?.range,
      ...(macro.twoVariables?.parts ?? []),
    ].filter(isNode);
  if (node.op === 'comprehension') {
    const { iterable, init, step } = node.args as Comprehension;
    return [iterable, init, step];
  }
  return [node.args].flat(3).filter(isNode);
}

/** Whether a tree has more levels. Walks it level by level: it may be too deep for a walk that calls itself. */
export function isDeeper(root: SyntaxNode, levels: number): boolean {
  let level: readonly SyntaxNode[] = [root];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((node) => [node.args].flat(3).filter(isNode));
  }
  return false;
}

/** The node that another is an operand of. */
export function parentIn(root: SyntaxNode, node: SyntaxNode): SyntaxNode | undefined {
  const waiting = [root];
  const seen = new Set(waiting);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const operands = operandsOf(next).filter((operand) => !seen.has(operand));
    if (operands.includes(node)) return next;
    for (const operand of operands) {
      seen.add(operand);
      waiting.push(operand);
    }
  }
  return undefined;
}
