/** Operators on lists and maps where the CEL package differs from cel-go. */

import { operandsOf, type SyntaxNode } from './syntax-tree.ts';
import { celEqual, celJoin } from './values.ts';

const isCollection = (value: unknown): boolean => Array.isArray(value) || value instanceof Map;

const operators: Readonly<Record<string, (left: unknown, right: unknown) => unknown>> = {
  '==': celEqual,
  '!=': (left, right) => !celEqual(left, right),
  '+': (left, right) => celJoin(left as readonly unknown[], right as readonly unknown[]),
};

/** A map may answer reads of keys that it does not have. */
const isMember = (key: unknown, collection: unknown): boolean => !(collection instanceof Map) || collection.has(key);

interface Evaluator {
  run(node: SyntaxNode, context: unknown): unknown;
}

/** Keys that are not texts stay what they are; the package makes texts of them. */
function keepKeys(node: SyntaxNode): void {
  const entries = node.args as readonly (readonly [SyntaxNode, SyntaxNode])[];
  if (!entries.some(([{ checkedType }]) => checkedType?.name === 'int' || checkedType?.name === 'bool')) return;
  node.setMeta('evaluate', (evaluator, _node, context) => {
    const { run } = evaluator as Evaluator;
    return new Map(
      entries.map((entry) => entry.map((part) => run.call(evaluator, part, context)) as [unknown, unknown]),
    );
  });
}

/**
 * Lets a checked program make, compare and join lists and maps as Kubernetes does, which knows lists without an order.
 */
export function useOwnCollections(root: SyntaxNode): void {
  const seen = new Set<SyntaxNode>();
  const visit = (node: SyntaxNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.op === 'map') keepKeys(node);
    const own = operators[node.op];
    const { handle } = node;
    if (own !== undefined && handle !== undefined)
      node.handle = (left, right, ...rest) =>
        isCollection(left) && isCollection(right) ? own(left, right) : handle(left, right, ...rest);
    else if (node.op === 'in' && handle !== undefined)
      node.handle = (left, right, ...rest) => isMember(left, right) && handle(left, right, ...rest);
    for (const operand of operandsOf(node)) visit(operand);
  };
  visit(root);
}
