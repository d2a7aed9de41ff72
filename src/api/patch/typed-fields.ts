/** The set of fields that a value sets (structured-merge-diff's ToFieldSet). */

import { isObject } from '../../base/index.ts';
import { below, elementOf, emptySet, type FieldNode, type FieldSet, isMember, makeNode } from './field-set.ts';
import { itemElement } from './list-items.ts';
import { type MergeNode, nodeFor } from './merge-schema.ts';
const isEmptyMap = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

interface OwnFields {
  readonly member: boolean;
  readonly set: FieldSet;
}

/** All fields that a value sets: what its manager owns after applying it. */
export function fieldsOf(node: MergeNode, value: unknown): FieldSet {
  return ownFields(node, value).set;
}

function ownFields(unresolved: MergeNode, value: unknown): OwnFields {
  const node = nodeFor(unresolved, value);
  if (node.kind === 'scalar') return { member: true, set: emptySet };
  if (node.kind === 'list')
    return node.relation === 'atomic' ? { member: true, set: emptySet } : listFields(node, value);
  if (node.atomic) return { member: true, set: emptySet };
  return { member: false, set: isObject(value) ? mapFields(node, value) : emptySet };
}

function listFields(list: Extract<MergeNode, { kind: 'list' }>, value: unknown): OwnFields {
  const set: Record<string, FieldNode> = {};
  for (const item of Array.isArray(value) ? (value as unknown[]) : []) {
    const node = makeNode(true, ownFields(list.element, item).set);
    if (node !== undefined) set[itemElement(list, item)] = node;
  }
  return { member: false, set };
}

/** Entries of maps are owned by themselves; fields of structs only where nothing is below them. */
function mapFields(map: Extract<MergeNode, { kind: 'map' }>, value: Readonly<Record<string, unknown>>): FieldSet {
  const set: Record<string, FieldNode> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const field = map.field(key);
    const child = field ?? map.element;
    if (child === undefined) continue;
    const own = ownFields(child, member);
    const node = makeNode(own.member || member === null || isEmptyMap(member) || field === undefined, own.set);
    if (node !== undefined) set[elementOf(key)] = node;
  }
  return set;
}

/** The set with every struct field on the way to one of its elements in it as well. */
export function withNamedFields(unresolved: MergeNode, set: FieldSet): FieldSet {
  const full: Record<string, FieldNode> = {};
  for (const [element, node] of Object.entries(set)) {
    const { child, named } = childOf(unresolved, element);
    const deeper = below(node);
    full[element] =
      makeNode(isMember(node) || named, child === undefined ? deeper : withNamedFields(child, deeper)) ?? node;
  }
  return full;
}

function childOf(node: MergeNode, element: string): { readonly child: MergeNode | undefined; readonly named: boolean } {
  if (node.kind === 'list') return { child: node.element, named: false };
  if (node.kind === 'deduced') return { child: node, named: false };
  if (node.kind === 'scalar' || !element.startsWith('f:')) return { child: undefined, named: false };
  const field = node.field(element.slice(2));
  return { child: field ?? node.element, named: field !== undefined };
}
