import { compilePattern } from '../machinery/index.ts';
import { type CelEnvironment, matchesFunction } from './environment.ts';
import { operandsOf, type SyntaxNode } from './syntax-tree.ts';
import { typeText } from './type-names.ts';

/** A literal that can never be what the function takes. */
export interface BadLiteral {
  readonly text: string;
  /** Where it stands in the source. */
  readonly start: number;
}

/** Finds a pattern, duration or timestamp that is written out and is none: it would fail each time it is evaluated. And lists and maps of mixed types. */
export function badLiteral(root: SyntaxNode, environment: CelEnvironment): BadLiteral | undefined {
  const seen = new Set<SyntaxNode>();
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const found = badArgument(node, environment) ?? mixed(node);
    if (found !== undefined) return found;
    waiting.push(...operandsOf(node).filter((operand) => !isFormatted(node, operand)));
  }
  return undefined;
}

/** What is formatted may be of any types. */
function isFormatted(node: SyntaxNode, operand: SyntaxNode): boolean {
  const parts = node.args as readonly unknown[];
  return node.op === 'rcall' && parts[0] === 'format' && operand.op === 'list' && (parts[2] as readonly SyntaxNode[])[0] === operand;
}

function mixed({ op, args }: SyntaxNode): BadLiteral | undefined {
  if (op === 'list') return mixedTypes(args as readonly SyntaxNode[]);
  if (op !== 'map') return undefined;
  const entries = args as readonly (readonly [SyntaxNode, SyntaxNode])[];
  return mixedTypes(entries.map(([key]) => key)) ?? mixedTypes(entries.map(([, value]) => value));
}

/** Types that are known before an expression runs, and differ. Those of optional entries are not looked at. */
function mixedTypes(nodes: readonly SyntaxNode[]): BadLiteral | undefined {
  const known = nodes.filter(({ checkedType }) => checkedType !== undefined && !/\b(dyn|[A-Z])\b|^optional</.test(checkedType.name));
  const [first] = known;
  const other = known.find(({ checkedType }) => checkedType?.name !== first?.checkedType?.name);
  return other === undefined ? undefined : { text: `expected type '${typeText(first?.checkedType?.name ?? '')}' but found '${typeText(other.checkedType?.name ?? '')}'`, start: other.start ?? 0 };
}

function badArgument(node: SyntaxNode, environment: CelEnvironment): BadLiteral | undefined {
  if (node.op !== 'call' && node.op !== 'rcall') return undefined;
  const parts = node.args as readonly unknown[];
  const [literal] = parts[node.op === 'call' ? 1 : 2] as readonly SyntaxNode[];
  if (literal?.op !== 'value' || typeof literal.args !== 'string') return undefined;
  const name = parts[0] === matchesFunction ? 'matches' : parts[0];
  const bad = name === 'matches' ? typeof compilePattern(literal.args) === 'string' : node.op === 'call' && (name === 'duration' || name === 'timestamp') && fails(environment, name, literal.args);
  return bad ? { text: `invalid ${String(name)} argument`, start: literal.start ?? 0 } : undefined;
}

function fails(environment: CelEnvironment, name: string, text: string): boolean {
  try {
    environment.evaluate(`${name}(${JSON.stringify(text)})`);
    return false;
  } catch {
    return true;
  }
}
