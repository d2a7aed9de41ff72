/** Identifies the items of sets and keyed lists. */

import { isObject } from '../../base/index.ts';
import type { ListNode } from './merge-schema.ts';

/** Why an item cannot be identified; undefined when it can. */
export function itemProblem(list: ListNode, item: unknown): string | undefined {
  if (list.relation === 'set') {
    if (item === null) return "associative list without keys has an element that's an explicit null";
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements';
    return isObject(item) ? "associative list without keys has an element that's a map type" : undefined;
  }
  if (item === null) return 'associative list with keys may not have a null element';
  if (!isObject(item)) return 'associative list with keys may not have non-map elements';
  const missing = list.keys.find((key) => item[key.name] === undefined && key.fallback === undefined);
  return missing === undefined
    ? undefined
    : `associative list with keys has an element that omits key field "${missing.name}" (and doesn't have ` +
        'default value)';
}

/** The values that name an item of a list with keys. */
export function itemKeys(list: ListNode, item: unknown): Record<string, unknown> {
  const keys: Record<string, unknown> = {};
  for (const key of list.keys) keys[key.name] = (isObject(item) ? item[key.name] : undefined) ?? key.fallback ?? null;
  return keys;
}

/** The path element of an item. Items that cannot be identified (see `itemProblem`) get one all the same. */
export function itemElement(list: ListNode, item: unknown): string {
  const [key, more] = list.keys;
  if (list.relation !== 'set' && key !== undefined && more === undefined && isObject(item)) {
    const value = item[key.name];
    if (typeof value === 'string') return `k:{${JSON.stringify(key.name)}:${JSON.stringify(value)}}`;
  }
  return list.relation === 'set' ? `v:${JSON.stringify(item)}` : `k:${JSON.stringify(itemKeys(list, item))}`;
}

/** The items by path element, in order of first appearance. Values under one element are duplicates. */
export function itemsByElement(list: ListNode, items: readonly unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    const same = found.get(element);
    if (same === undefined) found.set(element, [item]);
    else same.push(item);
  }
  return found;
}
