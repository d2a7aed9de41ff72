/** Removes a set of fields from a value (structured-merge-diff's RemoveItems). */

import { below, type FieldSet, isEmptySet, isMember } from './field-set.ts';
import { itemElement } from './list-items.ts';
import { type ListNode, type MapNode, type MergeNode, nodeFor } from './merge-schema.ts';
import { isObject, setOwn } from '../../base/index.ts';

/**
 * The value without the fields of `set`. What is owned as a whole goes when anything in it does; what becomes empty
 * becomes null.
 */
export function removeFields(unresolved: MergeNode, value: unknown, set: FieldSet): unknown {
  const node = nodeFor(unresolved, value);
  if (node.kind === 'scalar') return value;
  if (node.kind === 'list') return removeItems(node, value, set);
  return removeMembers(node, value, set);
}

function removeItems(list: ListNode, value: unknown, set: FieldSet): unknown {
  if (!Array.isArray(value) || list.relation === 'atomic') return null;
  const kept: unknown[] = [];
  for (const item of value as unknown[]) {
    const node = set[itemElement(list, item)];
    if (node !== undefined && isMember(node)) continue;
    kept.push(node === undefined ? item : removeFields(list.element, item, below(node)));
  }
  return kept.length === 0 ? null : kept;
}

function removeMembers(map: MapNode, value: unknown, set: FieldSet): unknown {
  if (!isObject(value) || map.atomic) return null;
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const node = set[`f:${key}`];
    if (node !== undefined && isMember(node)) continue;
    const child = map.field(key) ?? map.element;
    const rest =
      node === undefined || child === undefined || isEmptySet(below(node))
        ? member
        : removeFields(child, member, below(node));
    setOwn(kept, key, rest);
  }
  return Object.keys(kept).length === 0 ? null : kept;
}
