/** Estimated costs of function calls, by cel-go's and Kubernetes' rules. */

import { patternCost, product, traversalOf } from './cost-table.ts';
import { type Estimate, type Size, unknownSize } from './estimated-size.ts';
import type { SyntaxNode } from './syntax-tree.ts';

/** A call whose receiver and arguments are estimated. */
export interface CallEstimate {
  readonly name: string;
  readonly receiver: Estimate | undefined;
  readonly values: readonly Estimate[];
  /** The receiver's node. */
  readonly on?: SyntaxNode;
}

type Sizes = readonly Size[];
/** The cost of a call and the size of its result. `sizes`: of the receiver, if any, and of the arguments. */
type CallRule = (sizes: Sizes, given: CallEstimate) => { readonly cost: number; readonly size?: Size };

const at = (sizes: Sizes, index: number): Size => sizes[index] ?? unknownSize;
const whole: CallRule = (sizes) => ({ cost: traversalOf(at(sizes, 0).max), size: at(sizes, 0) });
const pattern: CallRule = (sizes) => ({
  cost: patternCost(at(sizes, 0).max, at(sizes, 1).max),
  size: { min: 0, max: at(sizes, 0).max },
});
const listWalk: CallRule = (sizes, { receiver, on }) => {
  const { max } = at(sizes, 0);
  if (on?.checkedType?.kind !== 'list') return { cost: traversalOf(max) };
  const texts = /^list<(string|bytes)>$/.test(on.checkedType.name);
  return { cost: product(max, 1 + (texts ? traversalOf(receiver?.place?.elements?.elementsMax ?? Infinity) : 0)) };
};
const sets =
  (factor: number): CallRule =>
  (sizes) => ({ cost: 1 + factor * product(at(sizes, 1).max, at(sizes, 2).max) });
const network =
  (parsed: number): CallRule =>
  (sizes, { on, values }) => ({
    cost:
      parsed + (on !== undefined && values.length > 0 && at(sizes, 1).max !== 1 ? traversalOf(at(sizes, 1).max) : 0),
  });

const calls: Readonly<Record<string, CallRule>> = {
  check: () => ({ cost: 350_000 }),
  isSorted: listWalk,
  sum: listWalk,
  min: listWalk,
  max: listWalk,
  indexOf: listWalk,
  lastIndexOf: listWalk,
  lowerAscii: whole,
  upperAscii: whole,
  substring: whole,
  trim: whole,
  url: whole,
  startsWith: (sizes) => ({ cost: traversalOf(at(sizes, 1).max) }),
  endsWith: (sizes) => ({ cost: traversalOf(at(sizes, 1).max) }),
  replace: (sizes) => ({ cost: Math.ceil(at(sizes, 0).max * 0.2), size: replacedSize(sizes) }),
  split: (sizes) => ({ cost: Math.ceil(at(sizes, 0).max * 0.2), size: { min: 0, max: at(sizes, 0).max } }),
  join(sizes, { receiver }) {
    const list = at(sizes, 0);
    const element = receiver?.place?.elements?.elementsMax ?? Infinity;
    const max =
      product(list.max, element) + (sizes.length > 1 ? product(Math.max(0, list.max - 1), at(sizes, 1).max) : 0);
    return { cost: traversalOf(max), size: { min: 0, max } };
  },
  find: pattern,
  findAll: pattern,
  matches: pattern,
  contains: (sizes, given) =>
    given.on?.checkedType?.name === 'string' || given.on?.checkedType?.kind === 'dyn'
      ? { cost: product(traversalOf(at(sizes, 0).max), traversalOf(at(sizes, 1).max)) }
      : sets(1)(sizes, given),
  intersects: sets(1),
  equivalent: sets(2),
  containsIP: network(4),
  containsCIDR: network(7),
  format: (sizes) => ({ cost: traversalOf(at(sizes, 0).max) }),
  bytes: (sizes) => ({
    cost: traversalOf(at(sizes, 0).max),
    size: { min: at(sizes, 0).min, max: at(sizes, 0).max * 4 },
  }),
  dyn: (sizes) => ({ cost: 1, size: at(sizes, 0) }),
};

/** The longest that a text may become: the shortest parts are replaced by the longest, as often as they fit. */
function replacedSize(sizes: Sizes): Size {
  const [text, from, to] = [at(sizes, 0), at(sizes, 1), at(sizes, 2)];
  if (from.min === 0) return { min: 0, max: text.max + product(text.max + 1, to.max) };
  return { min: 0, max: to.max <= from.min ? text.max : product(Math.ceil(text.max / from.min), to.max) };
}

/** The rule of a function; undefined: a call costs 1. */
export function callRule(name: string): CallRule | undefined {
  return Object.hasOwn(calls, name) ? calls[name] : undefined;
}
