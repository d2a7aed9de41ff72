/** Compares two values field by field (structured-merge-diff's Compare). */

import { isObject, Pace, type Steps } from '../../base/index.ts';
import { deepEqual } from '../machinery/index.ts';
import { elementOf, emptySet, type FieldNode, type FieldSet, isEmptySet, makeNode } from './field-set.ts';
import { itemsByElement } from './list-items.ts';
import { type ListNode, type MapNode, type MergeNode, nodeFor } from './merge-schema.ts';

/** Which fields differ between two values: added or modified ones, and removed ones. */
interface Comparison {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

interface Delta {
  readonly changed: FieldNode | undefined;
  readonly removed: FieldNode | undefined;
}

const nothing: Delta = { changed: undefined, removed: undefined };
const leafChanged: Delta = { changed: emptySet, removed: undefined };
const leafRemoved: Delta = { changed: undefined, removed: emptySet };
const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;
const isEmpty = (value: unknown): boolean =>
  isMissing(value) || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

/**
 * Compares two objects of one type. What `passed` names is passed over, with all that is below; of a field that it
 * names with others below it, those others.
 */
export function compareTyped(
  node: MergeNode,
  before: unknown,
  after: unknown,
  passed: FieldSet = emptySet,
): Comparison {
  const { changed, removed } = compareValues(node, before, after, passed);
  return { changed: changed ?? emptySet, removed: removed ?? emptySet };
}

/** Lists of so many items are compared in steps of so many. */
const longList = 500;

/** The same in steps, as far as lists are long. */
export function* compareSteps(node: MergeNode, before: unknown, after: unknown): Steps<Comparison> {
  const { changed, removed } = yield* valueSteps(node, before, after);
  return { changed: changed ?? emptySet, removed: removed ?? emptySet };
}

function* valueSteps(unresolved: MergeNode, before: unknown, after: unknown): Steps<Delta> {
  const node = nodeFor(unresolved, after ?? before);
  const isNested = node.kind !== 'scalar' && !(isEmpty(before) && isEmpty(after)) && before !== after;
  if (isNested && node.kind === 'map' && !node.atomic && fits(before, after, isObject))
    return yield* mapSteps(node, isObject(before) ? before : undefined, isObject(after) ? after : undefined);
  if (isNested && node.kind === 'list' && node.relation !== 'atomic' && fits(before, after, Array.isArray))
    return yield* listSteps(node, before, after);
  return compareValues(node, before, after, emptySet);
}

type Members = Readonly<Record<string, unknown>>;

function* mapSteps(map: MapNode, old: Members | undefined, next: Members | undefined): Steps<Delta> {
  const children = new Children(old, next);
  for (const key of new Set([...Object.keys(next ?? {}), ...Object.keys(old ?? {})])) {
    const [was, is] = [own(old ?? {}, key), own(next ?? {}, key)];
    const field = map.field(key);
    const child = field ?? map.element;
    if (was === is || child === undefined) continue;
    const element = field === undefined ? `f:${key}` : elementOf(key);
    const isLeaf = typeof (is ?? was) !== 'object';
    children.add(element, isLeaf ? compareValues(child, was, is, emptySet) : yield* valueSteps(child, was, is));
  }
  return children.delta;
}

function* listSteps(list: ListNode, before: unknown, after: unknown): Steps<Delta> {
  const [old, next] = [before, after].map((value): readonly unknown[] => (Array.isArray(value) ? value : []));
  if (old === undefined || next === undefined || old.length + next.length < longList)
    return yield* shortListSteps(list, before, after);
  const children = new Children(before, after);
  const oldItems = itemsByElement(list, old);
  yield;
  const nextItems = itemsByElement(list, next);
  const pace = new Pace(longList);
  for (const element of new Set([...nextItems.keys(), ...oldItems.keys()])) {
    if (pace.isDue(1)) yield;
    children.add(element, compareItems(list, oldItems.get(element), nextItems.get(element)));
  }
  return children.delta;
}

/** Its items may have long lists. */
function* shortListSteps(list: ListNode, before: unknown, after: unknown): Steps<Delta> {
  const children = new Children(before, after);
  const old = itemsByElement(list, Array.isArray(before) ? before : []);
  const next = itemsByElement(list, Array.isArray(after) ? after : []);
  for (const element of new Set([...next.keys(), ...old.keys()])) {
    const [was, is] = [old.get(element), next.get(element)];
    const isOne = (was?.length ?? 0) <= 1 && (is?.length ?? 0) <= 1;
    children.add(element, isOne ? yield* valueSteps(list.element, was?.[0], is?.[0]) : compareItems(list, was, is));
  }
  return children.delta;
}

function compareValues(unresolved: MergeNode, before: unknown, after: unknown, passed: FieldSet): Delta {
  if (before === after) return nothing;
  // Texts are leaves, whatever the type.
  if (typeof after === 'string' && (before === undefined || typeof before === 'string')) return leafChanged;
  const node = nodeFor(unresolved, after ?? before);
  if (node.kind === 'scalar' || (isEmpty(before) && isEmpty(after))) return compareLeaves(before, after);
  if (node.kind === 'list')
    return node.relation !== 'atomic' && fits(before, after, Array.isArray)
      ? compareLists(node, before, after)
      : compareLeaves(before, after);
  return !node.atomic && fits(before, after, isObject)
    ? compareMaps(node, { before, after, passed })
    : compareLeaves(before, after);
}

const fits = (before: unknown, after: unknown, test: (value: unknown) => boolean): boolean =>
  (isMissing(before) || test(before)) && (isMissing(after) || test(after));

function compareLeaves(before: unknown, after: unknown): Delta {
  if (before === undefined) return leafChanged;
  // An empty list was stored as null, and comes back as no list at all.
  if (after === undefined) return before === null ? nothing : leafRemoved;
  return deepEqual(before, after) ? nothing : leafChanged;
}

/** Collects the deltas of children; the parent itself counts when it is new or gone. */
class Children {
  #changed: Record<string, FieldNode> | undefined;
  #removed: Record<string, FieldNode> | undefined;
  readonly #isNew: boolean;
  readonly #isGone: boolean;

  constructor(before: unknown, after: unknown) {
    this.#isNew = before === undefined;
    this.#isGone = after === undefined;
  }

  add(element: string, { changed, removed }: Delta): void {
    if (changed !== undefined) (this.#changed ??= emptyNode(this.#isNew))[element] = changed;
    if (removed !== undefined) (this.#removed ??= emptyNode(this.#isGone))[element] = removed;
  }

  get delta(): Delta {
    return {
      changed: this.#changed ?? makeNode(this.#isNew, emptySet),
      removed: this.#removed ?? makeNode(this.#isGone, emptySet),
    };
  }
}

/** A node that children are added to. */
const emptyNode = (member: boolean): Record<string, FieldNode> => (member ? { '.': emptySet } : {});

interface ComparedMaps {
  readonly before: unknown;
  readonly after: unknown;
  /** Fields that are not compared. */
  readonly passed: FieldSet;
}

function compareMaps(map: MapNode, { before, after, passed }: ComparedMaps): Delta {
  const children = new Children(before, after);
  const old = isObject(before) ? before : {};
  const next = isObject(after) ? after : {};
  for (const key of Object.keys(next))
    compareMember(map, key, { children, old: own(old, key), next: next[key], passed });
  for (const key of Object.keys(old))
    if (!Object.hasOwn(next, key)) compareMember(map, key, { children, old: old[key], next: undefined, passed });
  return children.delta;
}

interface ComparedMember {
  readonly children: Children;
  readonly old: unknown;
  readonly next: unknown;
  readonly passed: FieldSet;
}

function compareMember(map: MapNode, key: string, { children, old, next, passed }: ComparedMember): void {
  if (old === next) return;
  const field = map.field(key);
  const child = field ?? map.element;
  if (child === undefined) return;
  // Names of fields recur; keys of maps seldom do.
  const element = field === undefined ? `f:${key}` : elementOf(key);
  const pass = passed[element];
  if (pass === undefined) children.add(element, compareValues(child, old, next, emptySet));
  else if (!isEmptySet(pass)) children.add(element, compareValues(child, old, next, pass));
}

const own = (map: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(map, key) ? map[key] : undefined;

function compareLists(list: ListNode, before: unknown, after: unknown): Delta {
  const children = new Children(before, after);
  const old = itemsByElement(list, Array.isArray(before) ? before : []);
  const next = itemsByElement(list, Array.isArray(after) ? after : []);
  for (const [element, items] of next) children.add(element, compareItems(list, old.get(element), items));
  for (const [element, items] of old)
    if (!next.has(element)) children.add(element, compareItems(list, items, undefined));
  return children.delta;
}

/** Items that share an element are compared as one leaf. */
function compareItems(
  list: ListNode,
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
): Delta {
  if ((before?.length ?? 0) <= 1 && (after?.length ?? 0) <= 1)
    return compareValues(list.element, before?.[0], after?.[0], emptySet);
  return compareLeaves(before, after);
}
