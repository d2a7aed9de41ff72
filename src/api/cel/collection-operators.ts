import { operandsOf, type SyntaxNode } from './syntax-tree.ts';
import { celEqual, celJoin } from './values.ts';

const isCollection = (value: unknown): boolean => Array.isArray(value) || value instanceof Map;

const operators: Readonly<Record<string, (left: unknown, right: unknown) => unknown>> = {
  '==': celEqual,
  '!=': (left, right) => !celEqual(left, right),
  '+': (left, right) => celJoin(left as readonly unknown[], right as readonly unknown[]),
};

/** Lets a checked program compare and join lists and maps as Kubernetes does, which knows lists without an order. */
export function useOwnCollections(root: SyntaxNode): void {
  const seen = new Set<SyntaxNode>();
  const visit = (node: SyntaxNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    const own = operators[node.op];
    const { handle } = node;
    if (own !== undefined && handle !== undefined) node.handle = (left, right, ...rest) => (isCollection(left) && isCollection(right) ? own(left, right) : handle(left, right, ...rest));
    for (const operand of operandsOf(node)) visit(operand);
  };
  visit(root);
}
