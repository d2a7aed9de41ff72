/** Finds literals in an expression that can never be valid where they stand. */

import { compilePattern } from '../machinery/index.ts';
import { type CelEnvironment, ownFunction, publicFunction } from './environment.ts';
import { placeOf } from './places.ts';
import { operandsOf, type SyntaxNode } from './syntax-tree.ts';
import { FormatError, readFormat, unfitText } from './text-format.ts';
import { resultTypeText, typeText } from './type-names.ts';

/** Something that is written out and can never be what it is meant for. */
interface BadLiteral {
  readonly text: string;
  /** Where it stands in the source. */
  readonly start: number;
}

/** What literals are held against. */
interface Given {
  readonly environment: CelEnvironment;
  readonly source: string;
}

/**
 * Finds patterns, durations and timestamps that are written out and are none: they would fail each time they are
 * evaluated. And formats that do not go with what is formatted, and lists and maps of mixed types.
 */
export function badLiterals(root: SyntaxNode, given: Given): readonly BadLiteral[] {
  const seen = new Set<SyntaxNode>();
  const negative = new Set<unknown>();
  const found: BadLiteral[] = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const here = node;
    if (here.op === '-_') negative.add(here.args);
    found.push(
      ...[
        badInteger(here, negative.has(here)),
        badArgument(here, given),
        badFormat(here, given.source),
        mixed(here, given.source),
      ].filter((bad) => bad !== undefined),
    );
    waiting.push(...operandsOf(here).filter((operand) => operand !== formattedList(here)));
  }
  return found;
}

const intMax = 2n ** 63n - 1n;

/** A whole number with more than 64 bits; a sign before it belongs to it. */
function badInteger({ op, args, start = 0 }: SyntaxNode, negative: boolean): BadLiteral | undefined {
  return op === 'value' && typeof args === 'bigint' && args > (negative ? intMax + 1n : intMax)
    ? { text: 'invalid int literal', start }
    : undefined;
}

/** The list of what is formatted: its members may be of any types. */
function formattedList({ op, args }: SyntaxNode): SyntaxNode | undefined {
  const parts = args as readonly unknown[];
  if (op !== 'rcall' || parts[0] !== 'format') return undefined;
  const [list] = parts[2] as readonly SyntaxNode[];
  return list?.op === 'list' ? list : undefined;
}

function badFormat(node: SyntaxNode, source: string): BadLiteral | undefined {
  const list = formattedList(node);
  const pattern = list === undefined ? undefined : ((node.args as readonly unknown[])[1] as SyntaxNode);
  if (list === undefined || pattern?.op !== 'value' || typeof pattern.args !== 'string') return undefined;
  const values = list.args as readonly SyntaxNode[];
  let wrong: SyntaxNode | undefined;
  let used = 0;
  try {
    readFormat(pattern.args, values.length, ({ verb }, argument) => {
      used += 1;
      wrong = misfit(verb === 'X' ? 'x' : verb, values[argument]);
      if (wrong === undefined) return '';
      throw new FormatError(unfitText(verb === 'X' ? 'x' : verb, typeOf(wrong)) ?? '');
    });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { text: error.message, start: placeOf(wrong ?? node, source) };
  }
  return used === values.length
    ? undefined
    : {
        text: `too many arguments supplied to string.format (expected ${used}, got ${values.length})`,
        start: placeOf(node, source),
      };
}

/** The name of a type without what it is made of. */
const typeOf = ({ checkedType }: SyntaxNode): string => resultTypeText(checkedType?.name ?? 'dyn').replace(/\(.*$/, '');

/** What of a value cannot stand for a verb: itself, or a member that is written out. */
function misfit(verb: string, value: SyntaxNode | undefined): SyntaxNode | undefined {
  if (value === undefined) return undefined;
  const type = typeOf(value);
  if (type !== 'dyn' && unfitText(verb, type) !== undefined) return value;
  if (verb !== 's') return undefined;
  const members =
    value.op === 'list'
      ? value.args
      : value.op === 'map'
        ? (value.args as readonly (readonly SyntaxNode[])[]).flat()
        : [];
  return (members as readonly SyntaxNode[]).map((member) => misfit(verb, member)).find((wrong) => wrong !== undefined);
}

function mixed({ op, args }: SyntaxNode, source: string): BadLiteral | undefined {
  if (op === 'list') return mixedTypes(args as readonly SyntaxNode[], source);
  if (op !== 'map') return undefined;
  const entries = args as readonly (readonly [SyntaxNode, SyntaxNode])[];
  return (
    mixedTypes(
      entries.map(([key]) => key),
      source,
    ) ??
    mixedTypes(
      entries.map(([, value]) => value),
      source,
    )
  );
}

/** Types that are known before an expression runs, and differ. Those of optional entries are not looked at. */
function mixedTypes(nodes: readonly SyntaxNode[], source: string): BadLiteral | undefined {
  const known = nodes.filter(
    ({ checkedType }) => checkedType !== undefined && !/\b(dyn|[A-Z])\b|^optional</.test(checkedType.name),
  );
  const [first] = known;
  const other = known.find(({ checkedType }) => checkedType?.name !== first?.checkedType?.name);
  return other === undefined
    ? undefined
    : {
        text:
          `expected type '${typeText(first?.checkedType?.name ?? '')}' but found ` +
          `'${typeText(other.checkedType?.name ?? '')}'`,
        start: placeOf(other, source),
      };
}

function badArgument(node: SyntaxNode, { environment }: Given): BadLiteral | undefined {
  if (node.op !== 'call' && node.op !== 'rcall') return undefined;
  const parts = node.args as readonly unknown[];
  const [literal] = parts[node.op === 'call' ? 1 : 2] as readonly SyntaxNode[];
  if (literal?.op !== 'value' || typeof literal.args !== 'string') return undefined;
  const name = publicFunction(String(parts[0]));
  const bad =
    name === 'matches'
      ? typeof compilePattern(literal.args) === 'string'
      : node.op === 'call' && (name === 'duration' || name === 'timestamp') && fails(environment, name, literal.args);
  return bad ? { text: `invalid ${name} argument`, start: literal.start ?? 0 } : undefined;
}

function fails(environment: CelEnvironment, name: string, text: string): boolean {
  try {
    environment.evaluate(`${ownFunction(name)}(${JSON.stringify(text)})`);
    return false;
  } catch {
    return true;
  }
}
