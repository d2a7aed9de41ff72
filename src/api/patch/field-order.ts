/** The order in which FieldsV1 is written. */
import { Memo } from '../../base/index.ts';
import type { FieldNode } from './field-set.ts';

/** Kinds of path elements: fields, keys of list items, values of sets, positions. A node's own mark stands first. */
const kinds = '.fkvi';

/**
 * The same set with its elements in the order of Kubernetes (structured-merge-diff): fields by name, items by their
 * keys, values and positions by what they are. What is in order already comes back as it is.
 */
export function inOrder(set: FieldNode): FieldNode {
  let changed = false;
  let last: string | undefined;
  for (const element in set) {
    if (last !== undefined && compareElements(last, element) > 0) changed = true;
    last = element;
    if (!changed && inOrder(set[element] ?? {}) !== set[element]) changed = true;
  }
  if (!changed) return set;
  const sorted: Record<string, FieldNode> = {};
  for (const element of Object.keys(set).sort(compareElements)) sorted[element] = inOrder(set[element] ?? {});
  return sorted;
}

function compareElements(one: string, other: string): number {
  const kind = one.charCodeAt(0);
  if (kind !== other.charCodeAt(0)) return kinds.indexOf(one[0] ?? '') - kinds.indexOf(other[0] ?? '');
  if (kind === fieldKind) return one < other ? -1 : one > other ? 1 : 0;
  return compareValues(valueOf(one), valueOf(other));
}

const fieldKind = 'f'.charCodeAt(0);

/** A map's names and values in turn, by name. */
class MapEntries {
  readonly list: readonly unknown[];

  constructor(map: object) {
    this.list = entriesOf(map);
  }
}

/** Keys of items recur: the conditions of pods alone make most of them. */
const values = new Memo<string, unknown>({ bytesMax: 1024 * 1024 });

const valueOf = (element: string): unknown => values.of(element, readValue);

/** What follows the colon of an element; a text that is no JSON is itself. */
function readValue(element: string): unknown {
  const text = element.slice(2);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? new MapEntries(value) : value;
  } catch {
    return text;
  }
}

/** Numbers, texts, booleans, lists, maps, null; each among their like as one would expect. */
function compareValues(one: unknown, other: unknown): number {
  if (one instanceof MapEntries && other instanceof MapEntries) return compareLists(one.list, other.list);
  const [rank, otherRank] = [rankOf(one), rankOf(other)];
  if (rank !== otherRank) return rank - otherRank;
  if (Array.isArray(one) && Array.isArray(other)) return compareLists(one, other);
  if (typeof one === 'object' && typeof other === 'object' && one !== null && other !== null)
    return compareLists(entriesOf(one), entriesOf(other));
  if (one === other || one === null || other === null) return 0;
  return (one as string) < (other as string) ? -1 : 1;
}

function rankOf(value: unknown): number {
  if (value === null) return 5;
  if (Array.isArray(value)) return 3;
  return ['number', 'string', 'boolean', 'list', 'object'].indexOf(typeof value);
}

/** Names and values in turn, by name. */
const entriesOf = (value: object): readonly unknown[] =>
  Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flat();

function compareLists(one: readonly unknown[], other: readonly unknown[]): number {
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const order = compareValues(one[i], other[i]);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}
