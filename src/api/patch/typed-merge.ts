/** Merges an applied configuration into the live object (structured-merge-diff's Merge). */

import { isObject, setOwn } from '../../base/index.ts';
import { itemElement, itemsByElement } from './list-items.ts';
import { type ListNode, type MapNode, type MergeNode, nodeFor } from './merge-schema.ts';
const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;
const isEmpty = (value: unknown): boolean =>
  isMissing(value) || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

/** The live value with everything that `config` sets. Lists of items with names keep both sides' items and orders. */
export function mergeTyped(unresolved: MergeNode, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  const node = nodeFor(unresolved, config);
  if (node.kind === 'scalar' || (isEmpty(live) && isEmpty(config))) return config;
  if (node.kind === 'list') return node.relation === 'atomic' ? config : mergeItems(node, live, config);
  return node.atomic ? config : mergeMembers(node, live, config);
}

function mergeMembers(map: MapNode, live: unknown, config: unknown): unknown {
  const old = isObject(live) ? live : {};
  const next = isObject(config) ? config : {};
  const merged: Record<string, unknown> = {};
  const take = (key: string): void => {
    const child = map.field(key) ?? map.element;
    const value = Object.hasOwn(next, key) ? next[key] : undefined;
    const present = Object.hasOwn(old, key) ? old[key] : undefined;
    setOwn(merged, key, child === undefined ? (value ?? present) : mergeTyped(child, present, value));
  };
  for (const key of Object.keys(old)) take(key);
  for (const key of Object.keys(next)) if (!Object.hasOwn(old, key)) take(key);
  return merged;
}

/** One of two lists that are walked side by side. */
interface Side {
  readonly items: readonly unknown[];
  readonly elements: readonly string[];
  readonly byElement: ReadonlyMap<string, readonly unknown[]>;
}

function sideOf(list: ListNode, value: unknown): Side {
  const items = Array.isArray(value) ? (value as unknown[]) : [];
  return { items, elements: items.map((item) => itemElement(list, item)), byElement: itemsByElement(list, items) };
}

/** The value that stands alone under its element; duplicates are not merged into. */
const single = (side: Side, element: string): unknown => {
  const items = side.byElement.get(element);
  return items?.length === 1 ? items[0] : undefined;
};

/**
 * Walks both lists at once. The config's order wins among what it names; live items that it does not name stay where
 * they were between their neighbours.
 */
function mergeItems(list: ListNode, live: unknown, config: unknown): unknown[] {
  const left = sideOf(list, live);
  const right = sideOf(list, config);
  const shared = right.elements.filter((element) => left.byElement.has(element));
  const taken = new Set<string>();
  const merged: unknown[] = [];
  let sharedAt = 0;
  let leftAt = 0;
  let rightAt = 0;
  const takeRight = (): void => {
    const element = right.elements[rightAt++] ?? '';
    taken.add(element);
    merged.push(mergeTyped(list.element, single(left, element), single(right, element)));
    if (shared[sharedAt] === element) sharedAt++;
  };
  while (leftAt < left.items.length || rightAt < right.items.length) {
    const element = left.elements[leftAt];
    if (element === undefined) takeRight();
    else if (!right.byElement.has(element)) merged.push(left.items[leftAt++]);
    else if (taken.has(element)) {
      leftAt++;
      if (shared[sharedAt] === undefined && rightAt < right.items.length) takeRight();
    } else if (
      rightAt < right.items.length &&
      element !== right.elements[rightAt] &&
      shared[sharedAt] !== undefined &&
      shared[sharedAt] !== element
    )
      leftAt++;
    else {
      if (element === right.elements[rightAt]) leftAt++;
      takeRight();
    }
  }
  return merged;
}
