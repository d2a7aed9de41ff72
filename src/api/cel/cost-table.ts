/** The cost of each operation, in the units of cel-go. */

import type { Comprehension } from './syntax-tree.ts';
import { publicFunction } from './environment.ts';

/**
 * Costs of what expressions do, in the units of cel-go and of Kubernetes' library, so that the same budgets mean the
 * same.
 */
const traversal = 0.1;
const regexLength = 0.25;
const listCost = 10;
const mapCost = 30;
const objectCost = 40;
/** Two checks fit into one expression. */
const accessCheckCost = 350_000;

const steps: Readonly<Record<string, number>> = {
  id: 1,
  list: listCost,
  map: mapCost,
  object: objectCost,
  // The variable of the result, the list of one, and their joining.
  accuPush: listCost + 2,
  accuInc: 2,
  accuValue: 1,
};

/** What a node costs that is not made from operands' values. */
export const stepCost = (op: string): number => steps[op] ?? 0;

/** What a macro over a list costs besides its parts: once, and for each element. */
export function comprehensionCost({ kind, init }: Pick<Comprehension, 'kind' | 'init'>): {
  readonly once: number;
  readonly each: number;
} {
  if (kind !== 'quantifier') return { once: 1, each: 0 };
  if (init.args === true) return { once: 1, each: 3 };
  return init.args === false ? { once: 1, each: 4 } : { once: 2, each: 0 };
}

/** The same for macros that name place and value. */
export function twoVariableCosts(name: string): { readonly once: number; readonly each: number } {
  if (name === 'all') return { once: 1, each: 3 };
  if (name === 'exists') return { once: 1, each: 4 };
  if (name === 'existsOne') return { once: 2, each: 2 };
  return name === 'transformList' ? { once: listCost + 1, each: listCost + 2 } : { once: mapCost + 1, each: 3 };
}

export const traversalOf = (size: number): number => Math.ceil(size * traversal);
export const patternCost = (text: number, pattern: number): number =>
  product(traversalOf(text + 1), Math.ceil(pattern * regexLength));
/** A product in which nothing of something without bound is nothing. */
export const product = (left: number, right: number): number => (left === 0 || right === 0 ? 0 : left * right);

const sizeOf = (value: unknown): number => {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Map ? value.size : 1;
};

const comparing: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** What an operator costs with these operands. */
export function operatorCost(op: string, left: unknown, right: unknown): number {
  if (op === '&&' || op === '||' || op === '?:') return 0;
  if (comparing.has(op))
    return typeof left === 'string' || op === '==' || op === '!='
      ? traversalOf(Math.min(sizeOf(left), sizeOf(right)))
      : 1;
  if (op === 'in') return Array.isArray(right) ? right.length : 1;
  if (op === '+' && (typeof left === 'string' || left instanceof Uint8Array))
    return traversalOf(sizeOf(left) + sizeOf(right));
  return 1;
}

type Call = (values: readonly unknown[], result: unknown) => number;

const first: Call = ([text]) => traversalOf(sizeOf(text));
const twice: Call = ([text]) => Math.ceil(sizeOf(text) * 2 * traversal);
const walked: Call = ([list]) => walkCost(list);
const networkBytes = 32 * traversal;

const calls: Readonly<Record<string, Call>> = {
  check: () => accessCheckCost,
  isSorted: walked,
  sum: walked,
  min: walked,
  max: walked,
  indexOf: walked,
  lastIndexOf: walked,
  url: first,
  lowerAscii: first,
  upperAscii: first,
  substring: first,
  trim: first,
  startsWith: first,
  endsWith: first,
  bytes: first,
  format: first,
  replace: twice,
  split: twice,
  join: (_values, result) => Math.ceil(sizeOf(result) * 2 * traversal),
  find: ([text, pattern]) => patternCost(sizeOf(text), sizeOf(pattern)),
  findAll: ([text, pattern]) => patternCost(sizeOf(text), sizeOf(pattern)),
  matches: ([text, pattern]) => patternCost(sizeOf(text), sizeOf(pattern)),
  contains: (values) =>
    typeof values[0] === 'string'
      ? product(traversalOf(sizeOf(values[0])), traversalOf(sizeOf(values[1])))
      : setCost(values),
  intersects: (values) => setCost(values),
  equivalent: (values) => 2 * setCost(values),
  cidr: first,
  isIP: first,
  isCIDR: first,
  ip: first,
  quantity: first,
  isQuantity: first,
  semver: first,
  isSemver: first,
  isCanonical: twice,
  containsIP: ([, other]) => Math.ceil(networkBytes) + (typeof other === 'string' ? traversalOf(other.length) : 0),
  containsCIDR: ([, other]) =>
    Math.ceil(networkBytes) +
    Math.ceil(networkBytes / 2) +
    1 +
    (typeof other === 'string' ? traversalOf(other.length) : 0),
};

const setCost = (values: readonly unknown[]): number => 1 + product(sizeOf(values[1]), sizeOf(values[2]));

/** What a function costs with these arguments; of a method the first is what it is called on. */
export function callCost(called: string, values: readonly unknown[], result: unknown): number {
  const name = publicFunction(called);
  const cost = Object.hasOwn(calls, name) ? calls[name] : undefined;
  return cost === undefined ? 1 : cost(values, result);
}

/** What it costs to walk through a value. */
function walkCost(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(value.length * traversal);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + walkCost(item), 0);
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].reduce(
      (sum, [key, member]) => sum + walkCost(key) + walkCost(member),
      0,
    );
  return 1;
}
