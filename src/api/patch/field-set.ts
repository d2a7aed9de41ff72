/** Sets of fields in the form of FieldsV1. */

import { Memo, type Steps } from '../../base/index.ts';

/**
 * Sets of fields, in the very form of FieldsV1, so that nothing is converted on a write: an object whose keys are path
 * elements (`f:name`, `k:{"name":"x"}`, `v:"x"`, `i:0`). A node that is empty or has the key `.` is itself in the set.
 * Sets are never changed in place; operations share what stays the same.
 */
export interface FieldNode {
  readonly [element: string]: FieldNode;
}

/** The elements below a node, or a whole set: has no `.` key, and empty means nothing. */
export type FieldSet = FieldNode;

const leaf: FieldNode = Object.freeze({});
export const emptySet: FieldSet = leaf;

const elements = new Memo<string, string>({ entriesMax: 4096 });
const newElement = (name: string): string => `f:${name}`;
/** Longer names are keys of maps, which recur less. */
const elementLengthMax = 64;

/**
 * The path element of a field's name or a map's key. Remembered: a text that was just put together is dear as the key
 * of an object.
 */
export function elementOf(name: string): string {
  return name.length > elementLengthMax ? newElement(name) : elements.of(name, newElement);
}

export function isEmptySet(set: FieldSet): boolean {
  for (const _key in set) return false;
  return true;
}

export function isMember(node: FieldNode): boolean {
  return Object.hasOwn(node, '.') || isEmptySet(node);
}

/** What is below a node. */
export function below(node: FieldNode): FieldSet {
  if (!Object.hasOwn(node, '.')) return node;
  const { '.': _self, ...rest } = node;
  return rest;
}

/** A node out of its parts; undefined when it holds nothing. */
export function makeNode(member: boolean, set: FieldSet): FieldNode | undefined {
  if (isEmptySet(set)) return member ? leaf : undefined;
  return member ? { '.': leaf, ...set } : set;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  return joined({ ...left }, right);
}

/** Adds what is below `right` to a copy of what is below another node. */
function joined(copy: Record<string, FieldNode>, right: FieldNode): FieldNode {
  for (const element in right) {
    const node = right[element] ?? leaf;
    const other = copy[element];
    copy[element] = other === undefined ? node : unionOfNodes(other, node);
  }
  return copy;
}

function unionOfNodes(left: FieldNode, right: FieldNode): FieldNode {
  if (left === right) return left;
  if (isEmptySet(left)) return asMember(right);
  if (isEmptySet(right)) return asMember(left);
  return joined(Object.hasOwn(right, '.') ? { '.': leaf, ...left } : { ...left }, right);
}

/** The node, itself in the set too. */
function asMember(node: FieldNode): FieldNode {
  return isMember(node) ? node : { '.': leaf, ...node };
}

/** So many sets are joined in one step. */
const unitedMax = 64;

/** The union of many sets, in steps. Pairs are joined first, so that no field is copied for each of the others. */
export function* unionOfAll(sets: readonly FieldSet[]): Steps<FieldSet> {
  if (sets.length <= 2) return union(sets[0] ?? emptySet, sets[1] ?? emptySet);
  const half = sets.length >> 1;
  const left = yield* unionOfAll(sets.slice(0, half));
  const right = yield* unionOfAll(sets.slice(half));
  if (sets.length > unitedMax) yield;
  return union(left, right);
}

/** What is left of a node; undefined: nothing. */
type Combine = (node: FieldNode, other: FieldNode) => FieldNode | undefined;

/** The elements of `node` with those combined that `other` has too; the very node when nothing changes. */
function without(node: FieldNode, other: FieldNode, combine: Combine): FieldNode {
  let kept: Record<string, FieldNode> | undefined;
  for (const element in other) {
    const before = element === '.' || !Object.hasOwn(node, element) ? undefined : node[element];
    if (before === undefined) continue;
    const rest = combine(before, other[element] ?? leaf);
    if (rest === before) continue;
    kept ??= { ...node };
    if (rest === undefined) delete kept[element];
    else kept[element] = rest;
  }
  return kept ?? node;
}

/** The node as a member of the set or not; undefined when it then holds nothing. */
function withMember(node: FieldNode, member: boolean): FieldNode | undefined {
  if (!Object.hasOwn(node, '.')) return isEmptySet(node) && !member ? undefined : member ? asMember(node) : node;
  if (member) {
    for (const element in node) if (element !== '.') return node;
    return leaf;
  }
  return makeNode(false, below(node));
}

/** The elements of `left` that are not in `right`; what is below a removed one stays. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return without(left, right, differenceOfNodes);
}

const differenceOfNodes: Combine = (node, other) => {
  const member = isMember(node);
  const rest = without(node, other, differenceOfNodes);
  return rest === node && !(member && isMember(other)) ? node : withMember(rest, member && !isMember(other));
};

/** As `difference`, and what is below a removed element goes too. */
export function deepDifference(left: FieldSet, right: FieldSet): FieldSet {
  return without(left, right, deepDifferenceOfNodes);
}

const deepDifferenceOfNodes: Combine = (node, other) => {
  if (isMember(other)) return undefined;
  const rest = without(node, other, deepDifferenceOfNodes);
  return rest === node ? node : withMember(rest, isMember(node));
};

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const shared: Record<string, FieldNode> = {};
  for (const [element, node] of Object.entries(left)) {
    const other = Object.hasOwn(right, element) ? right[element] : undefined;
    const both =
      other === undefined
        ? undefined
        : makeNode(isMember(node) && isMember(other), intersection(below(node), below(other)));
    if (both !== undefined) shared[element] = both;
  }
  return shared;
}

/** A set of plain field paths. */
export function setOfPaths(paths: readonly (readonly string[])[]): FieldSet {
  let set = emptySet;
  for (const path of paths) {
    const node = path.reduceRight<FieldNode>((inner, name) => ({ [`f:${name}`]: inner }), leaf);
    set = union(set, node);
  }
  return set;
}

/**
 * Every path of the set as text, `.spec.containers[name="c"].image`: a node's own elements before those further down.
 */
export function pathTexts(set: FieldSet, prefix = ''): string[] {
  const elements = Object.keys(set).sort();
  const own = elements
    .filter((element) => isMember(set[element] ?? leaf))
    .map((element) => prefix + elementText(element));
  return [
    ...own,
    ...elements.flatMap((element) => pathTexts(below(set[element] ?? leaf), prefix + elementText(element))),
  ];
}

function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  if (!element.startsWith('k:')) return `[${rest}]`;
  return keysText(JSON.parse(rest) as Record<string, unknown>);
}

/** `[a="b",c=1]`, the keys of a list's item. */
export function keysText(keys: Readonly<Record<string, unknown>>): string {
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}]`;
}
