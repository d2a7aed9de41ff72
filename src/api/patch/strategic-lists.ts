/** Merges the lists of strategic merge patches. */

import { isObject } from '../../base/index.ts';
import type { JsonObject } from '../object.ts';
import { badRequest, deepEqual } from '../machinery/index.ts';
import { goText } from './go-text.ts';
import { comparable, firstPositions } from './item-positions.ts';
import { directive, type FieldFacts, withoutDirectives } from './strategic-directives.ts';

/** The field that a list is in, how it merges, and how the maps in it do. */
export interface ListContext {
  readonly facts: FieldFacts;
  readonly field: string;
  readonly mergeMaps: (original: JsonObject, patch: JsonObject, type: string | undefined) => JsonObject;
}

/** The identity of an item: its merge key, or for plain values the value. */
type Identity = (item: unknown) => unknown;

function identityOf(mergeKey: string, ofMaps: boolean): Identity {
  if (!ofMaps) return (item) => item;
  return (item) => {
    const map = mapOf(item);
    if (!Object.hasOwn(map, mergeKey))
      throw badRequest(`map: ${goText(map)} does not contain declared merge key: ${mergeKey}`);
    return map[mergeKey];
  };
}

function mapOf(item: unknown): JsonObject {
  if (!isObject(item)) throw badRequest('list element types are not identical');
  return item;
}

/** The list without the values of `unwanted`. */
export function deleteValues(list: readonly unknown[], unwanted: readonly unknown[]): unknown[] {
  const gone = new Set(unwanted);
  return list.filter((item) => !gone.has(item));
}

/** Merges by key, or plain values as a set; what the patch names stands in the patch's order among the rest. */
export function mergeLists(present: readonly unknown[], patch: readonly unknown[], context: ListContext): unknown[] {
  if (present.length === 0 && patch.length === 0) return [];
  const { facts, field } = context;
  const ofMaps = isObject([...present, ...patch][0]);
  if (ofMaps && facts.mergeKey === '') throw badRequest(`cannot merge lists without merge key for ${field}`);
  const identity = identityOf(facts.mergeKey, ofMaps);
  if (!ofMaps) return inOrder(unique([...present, ...patch]), { order: patch, live: present, identity });
  const { kept, items } = applyItemDirectives(present, patch, facts.mergeKey);
  const merged = mergeItems(kept, items, { ...context, identity });
  return inOrder(merged, { order: items, live: kept, identity });
}

const unique = (values: readonly unknown[]): unknown[] => [...new Set(values)];

/** Carries out `$patch` of single items: which items stay, and which of the patch are left to merge. */
function applyItemDirectives(
  present: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): { kept: readonly unknown[]; items: readonly unknown[] } {
  const deleted = new Set<unknown>();
  const identity = identityOf(mergeKey, true);
  let replaces = false;
  const items: unknown[] = [];
  for (const entry of patch) {
    const item = mapOf(entry);
    if (!Object.hasOwn(item, directive)) items.push(item);
    else if (item[directive] === 'delete') deleted.add(comparable(identity(item)));
    else if (item[directive] === 'replace') replaces = true;
    else if (item[directive] === 'merge') throw badRequest('merging lists cannot yet be specified in the patch');
    else throw badRequest(`unknown patch type: ${goText(item[directive])} in map: ${goText(item)}`);
  }
  if (replaces) return { kept: [], items };
  const stays = (item: unknown): boolean => !isObject(item) || !deleted.has(comparable(item[mergeKey]));
  return { kept: deleted.size === 0 ? present : present.filter(stays), items };
}

function mergeItems(
  kept: readonly unknown[],
  items: readonly unknown[],
  { facts, mergeMaps, identity }: ListContext & { readonly identity: Identity },
): unknown[] {
  const merged = [...kept];
  const positions = new Map<unknown, number>();
  const note = (item: unknown, position: number): void => {
    const key = isObject(item) ? comparable(item[facts.mergeKey]) : undefined;
    if (key !== undefined && !positions.has(key)) positions.set(key, position);
  };
  merged.forEach(note);
  for (const item of items) {
    const found = positions.get(comparable(identity(item)));
    if (found === undefined) note(item, merged.push(withoutDirectives(item)) - 1);
    else merged[found] = mergeMaps(merged[found] as JsonObject, item as JsonObject, facts.type);
  }
  return merged;
}

interface OrderedLists {
  readonly present: unknown;
  /** The patch's list. */
  readonly wanted: unknown;
  /** The patch's `$setElementOrder`. */
  readonly order: readonly unknown[];
}

/** Merges the lists that there are and orders the result by the patch's `$setElementOrder`. */
export function orderByDirective(lists: OrderedLists, context: ListContext): unknown[] {
  const { present, wanted, order } = lists;
  const sample = [...(Array.isArray(present) ? present : []), ...(Array.isArray(wanted) ? wanted : [])] as unknown[];
  const identity = identityOf(context.facts.mergeKey, isObject(sample[0]));
  if (Array.isArray(wanted)) checkOrder(wanted, order, identity);
  let merged: unknown[];
  if (Array.isArray(present) && Array.isArray(wanted))
    merged = context.facts.merges ? mergeLists(present, wanted, context) : wanted;
  else merged = Array.isArray(present) ? present : (withoutDirectives(wanted) as unknown[]);
  return inOrder(merged, { order, live: Array.isArray(present) ? present : [], identity });
}

/** The items of the patch must stand in the stated order. */
function checkOrder(wanted: readonly unknown[], order: readonly unknown[], identity: Identity): void {
  if (order.length === 0) return;
  const items = wanted.filter((item) => !isObject(item) || !Object.hasOwn(item, directive));
  let next = 0;
  for (const entry of order) if (next < items.length && deepEqual(identity(items[next]), identity(entry))) next++;
  if (next >= items.length) return;
  throw badRequest(
    `The order in patch list:\n${goText(wanted)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
  );
}

interface Orders {
  /** Items that the patch named, as they shall stand. */
  readonly order: readonly unknown[];
  /** The list as it was, by which the other items find their places between. */
  readonly live: readonly unknown[];
  readonly identity: Identity;
}

function inOrder(merged: readonly unknown[], { order, live, identity }: Orders): unknown[] {
  const inPatch = firstPositions(order.map(identity));
  const inList = firstPositions(live.map(identity));
  const placed = merged.map((item) => {
    const key = comparable(identity(item));
    return { item, wished: inPatch.get(key) ?? -1, place: inList.get(key) ?? -1 };
  });
  const wished = placed.filter((one) => one.wished >= 0).sort((left, right) => left.wished - right.wished);
  const others = placed.filter((one) => one.wished < 0).sort((left, right) => left.place - right.place);
  return interleaved(others, wished);
}

interface PlacedItem {
  readonly item: unknown;
  /** Where the patch has it; -1: nowhere. */
  readonly wished: number;
  /** Where the list had it; -1: nowhere. */
  readonly place: number;
}

/** Puts each of `others` before the first of `wished` that stood after it; both keep their own order. */
function interleaved(others: readonly PlacedItem[], wished: readonly PlacedItem[]): unknown[] {
  const all: unknown[] = [];
  let at = 0;
  for (const { item, place } of wished) {
    for (let other = others[at]; other !== undefined && place >= 0; other = others[(at += 1)]) {
      if (other.place < 0 || other.place >= place) break;
      all.push(other.item);
    }
    all.push(item);
  }
  for (const { item } of others.slice(at)) all.push(item);
  return all;
}
