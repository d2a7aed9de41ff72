/** Finds where an operation stands in the source. */

import { publicFunction } from './environment.ts';
import type { SyntaxNode } from './syntax-tree.ts';

const unary: ReadonlySet<string> = new Set(['!_', '-_']);
const plainly: ReadonlySet<string> = new Set(['value', 'id', 'list', 'map', 'comprehension']);

/** What an operation is written with behind its first operand. */
function markOf(op: string): string {
  if (op === '.?') return '.';
  if (op === '[?]') return '[';
  return op === '?:' ? '?' : op === '[]' ? '[' : op;
}

/**
 * The place that cel-go's messages show of an expression: of a call its parenthesis, of an operation its sign, else
 * where it begins.
 */
export function placeOf(node: SyntaxNode, text: string): number {
  const start = node.start ?? 0;
  if (plainly.has(node.op) || unary.has(node.op)) return start;
  const parts = node.args as readonly unknown[];
  if (node.op === 'call' || node.op === 'rcall') {
    const behind = node.op === 'rcall' ? (parts[1] as SyntaxNode).end : undefined;
    return Math.max(0, text.indexOf('(', (behind ?? start) + publicFunction(String(parts[0])).length));
  }
  const [first] = parts as readonly (SyntaxNode | undefined)[];
  return Math.max(0, text.indexOf(markOf(node.op), first?.end ?? 0));
}
