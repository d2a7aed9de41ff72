/** The order in which FieldsV1 is written. */
import { isObject, Memo } from '../../base/index.ts';
import type { FieldNode } from './field-set.ts';

/** Kinds of path elements: fields, keys of list items, values of sets, positions. A node's own mark stands first. */
const kinds = '.fkvi';

/**
 * The same set with its elements in the order of Kubernetes (structured-merge-diff): fields by name, items by their
 * keys, values and positions by what they are. What is in order already comes back as it is.
 */
export function inOrder(set: FieldNode): FieldNode {
  let changed = false;
  let children: Map<string, FieldNode> | undefined;
  let last: string | undefined;
  for (const element in set) {
    const child = set[element] ?? {};
    const ordered = inOrder(child);
    if (ordered !== child) {
      changed = true;
      (children ??= new Map<string, FieldNode>()).set(element, ordered);
    }
    if (changed) continue;
    changed = last !== undefined && compareElements(last, element) > 0;
    last = element;
  }
  if (!changed) return set;
  const sorted: Record<string, FieldNode> = {};
  for (const element of sortedElements(set)) sorted[element] = children?.get(element) ?? set[element] ?? {};
  return sorted;
}

/** Nearly all nodes hold fields alone, beside their own mark: their order is that of their texts. */
function sortedElements(set: FieldNode): readonly string[] {
  const elements = Object.keys(set);
  if (elements.every((element) => element.charCodeAt(0) <= fieldKind)) return elements.sort();
  return elements
    .map(placeOf)
    .sort(comparePlaces)
    .map(({ element }) => element);
}

/** What an element's place follows from, read once: a list may have very many. */
interface Place {
  readonly element: string;
  readonly kind: number;
  /** Of all but fields: what follows the colon, of a map its names and values in turn. */
  readonly value: unknown;
  readonly rank: number;
  /** Compares as the value does; only of maps of nothing but texts, as nearly all are. */
  readonly text: string | undefined;
}

const fieldKind = 'f'.charCodeAt(0);

/** Keys of items recur: the conditions of pods alone make most of them. */
const places = new Memo<string, Place>({ bytesMax: 1024 * 1024 });

const placeOf = (element: string): Place => places.of(element, readPlace);

function compareElements(one: string, other: string): number {
  if (one.charCodeAt(0) === fieldKind && other.charCodeAt(0) === fieldKind)
    return one < other ? -1 : one > other ? 1 : 0;
  return comparePlaces(placeOf(one), placeOf(other));
}

function readPlace(element: string): Place {
  const kind = element.charCodeAt(0);
  const plain = onePlainKey.exec(element);
  if (plain !== null) {
    const [, name = '', value = ''] = plain;
    return { element, kind, value: [name, value], rank: rankOf({}), text: `${name}\0${value}` };
  }
  if (kind === fieldKind) return { element, kind, value: undefined, rank: 0, text: undefined };
  const value = valueOf(element);
  const entries = isObject(value) ? entriesOf(value) : undefined;
  const text = entries?.every(isPlainText) === true ? entries.join('\0') : undefined;
  return { element, kind, value: entries ?? value, rank: rankOf(value), text };
}

/** The key of nearly every item: one name and one text, without escapes. */
const onePlainKey = /^k:\{"([^"\\\0]*)":"([^"\\\0]*)"\}$/;

const isPlainText = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');

function comparePlaces(one: Place, other: Place): number {
  if (one.kind !== other.kind) return kinds.indexOf(one.element[0] ?? '') - kinds.indexOf(other.element[0] ?? '');
  if (one.kind === fieldKind) return one.element < other.element ? -1 : one.element > other.element ? 1 : 0;
  if (one.text !== undefined && other.text !== undefined)
    return one.text < other.text ? -1 : one.text > other.text ? 1 : 0;
  return one.rank === other.rank ? compareValues(one.value, other.value) : one.rank - other.rank;
}

/** What follows the colon of an element; a text that is no JSON is itself. */
function valueOf(element: string): unknown {
  const text = element.slice(2);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Numbers, texts, booleans, lists, maps, null; each among their like as one would expect. */
function compareValues(one: unknown, other: unknown): number {
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
