import { deepEqual } from '../machinery/index.ts';
import { emptySet, type FieldNode, type FieldSet, makeNode } from './field-set.ts';
import { itemsByElement } from './list-items.ts';
import { type ListNode, type MapNode, type MergeNode, nodeFor } from './merge-schema.ts';

/** Which fields differ between two values: added or modified ones, and removed ones. */
export interface Comparison {
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

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;
const isEmpty = (value: unknown): boolean => isMissing(value) || (Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0);

/** Compares two objects of one type. */
export function compareTyped(node: MergeNode, before: unknown, after: unknown): Comparison {
  const { changed, removed } = compareValues(node, before, after);
  return { changed: changed ?? emptySet, removed: removed ?? emptySet };
}

function compareValues(unresolved: MergeNode, before: unknown, after: unknown): Delta {
  if (before === after) return nothing;
  const node = nodeFor(unresolved, after ?? before);
  if (node.kind === 'scalar' || (isEmpty(before) && isEmpty(after))) return compareLeaves(before, after);
  if (node.kind === 'list') return node.relation !== 'atomic' && fits(before, after, Array.isArray) ? compareLists(node, before, after) : compareLeaves(before, after);
  return !node.atomic && fits(before, after, isMap) ? compareMaps(node, before, after) : compareLeaves(before, after);
}

const fits = (before: unknown, after: unknown, test: (value: unknown) => boolean): boolean => (isMissing(before) || test(before)) && (isMissing(after) || test(after));

function compareLeaves(before: unknown, after: unknown): Delta {
  if (before === undefined) return leafChanged;
  // An empty list was stored as null, and comes back as no list at all.
  if (after === undefined) return before === null ? nothing : leafRemoved;
  return deepEqual(before, after) ? nothing : leafChanged;
}

/** Collects the deltas of children; the parent itself counts when it is new or gone. */
class Children {
  private readonly changed: Record<string, FieldNode> = {};
  private readonly removed: Record<string, FieldNode> = {};

  add(element: string, delta: Delta): void {
    if (delta.changed !== undefined) this.changed[element] = delta.changed;
    if (delta.removed !== undefined) this.removed[element] = delta.removed;
  }

  delta(before: unknown, after: unknown): Delta {
    return { changed: makeNode(before === undefined, this.changed), removed: makeNode(after === undefined, this.removed) };
  }
}

function compareMaps(map: MapNode, before: unknown, after: unknown): Delta {
  const children = new Children();
  const old = isMap(before) ? before : {};
  const next = isMap(after) ? after : {};
  const compareMember = (key: string): void => {
    const child = map.field(key) ?? map.element;
    if (child !== undefined) children.add(`f:${key}`, compareValues(child, own(old, key), own(next, key)));
  };
  for (const key of Object.keys(next)) compareMember(key);
  for (const key of Object.keys(old)) if (!Object.hasOwn(next, key)) compareMember(key);
  return children.delta(before, after);
}

const own = (map: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);

function compareLists(list: ListNode, before: unknown, after: unknown): Delta {
  const children = new Children();
  const old = itemsByElement(list, Array.isArray(before) ? before : []);
  const next = itemsByElement(list, Array.isArray(after) ? after : []);
  for (const [element, items] of next) children.add(element, compareItems(list, old.get(element), items));
  for (const [element, items] of old) if (!next.has(element)) children.add(element, compareItems(list, items, undefined));
  return children.delta(before, after);
}

/** Items that share an element are compared as one leaf. */
function compareItems(list: ListNode, before: readonly unknown[] | undefined, after: readonly unknown[] | undefined): Delta {
  if ((before?.length ?? 0) <= 1 && (after?.length ?? 0) <= 1) return compareValues(list.element, before?.[0], after?.[0]);
  return compareLeaves(before, after);
}
