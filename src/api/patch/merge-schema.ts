/** How the fields of a type are merged and owned, made from the schema tables. */

import { isObject } from '../../base/index.ts';
import type { Json } from '../object.ts';
import { type FieldSchema, findType, typeSchema } from '../schema/index.ts';

/** How values of a field are owned and merged; made from the tables, lazily, since types may contain themselves. */
export type MergeNode = ScalarNode | ListNode | MapNode | DeducedNode;

/** Owned as a whole. `untyped` takes any value, structured ones too. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly scalar: 'string' | 'numeric' | 'boolean' | 'untyped';
}

export interface ListNode {
  readonly kind: 'list';
  readonly relation: 'atomic' | 'set' | 'map';
  /** Fields that tell the items of a `map` apart, sorted by name. */
  readonly keys: readonly ListKey[];
  readonly element: MergeNode;
}

export interface ListKey {
  readonly name: string;
  /** What an item without the field counts as; undefined: such an item is refused. */
  readonly fallback: Json | undefined;
}

/** A struct (`field` knows its members) or a map (`element` says what its values are). */
export interface MapNode {
  readonly kind: 'map';
  readonly atomic: boolean;
  field(name: string): MergeNode | undefined;
  readonly element: MergeNode | undefined;
}

/** Nothing is known: objects merge member by member, lists and the rest are owned as a whole. */
interface DeducedNode {
  readonly kind: 'deduced';
}

const untyped: ScalarNode = { kind: 'scalar', scalar: 'untyped' };
export const deduced: DeducedNode = { kind: 'deduced' };
const deducedMap: MapNode = { kind: 'map', atomic: false, field: () => undefined, element: deduced };

/** The node to use for a value: what is unknown follows the value's shape. */
export function nodeFor(node: MergeNode, value: unknown): ScalarNode | ListNode | MapNode {
  if (node.kind !== 'deduced') return node;
  return isObject(value) ? deducedMap : untyped;
}

const structNodes = new Map<string, MergeNode>();

/** The node of a struct of the tables; a type that they do not have merges by shape. */
export function nodeOfType(type: string, atomic = false): MergeNode {
  const key = atomic ? `${type} atomic` : type;
  const known = structNodes.get(key);
  if (known !== undefined) return known;
  const schema = findType(type);
  const made = schema === undefined ? deduced : structNode(type, atomic || schema.mapType === 'atomic');
  structNodes.set(key, made);
  return made;
}

function structNode(type: string, atomic: boolean): MapNode {
  const { fields } = typeSchema(type);
  const nodes = new Map<string, MergeNode>();
  const field = (name: string): MergeNode | undefined => {
    const known = nodes.get(name);
    const schema = known === undefined ? fields.get(name) : undefined;
    if (schema === undefined) return known;
    const made = nodeOfField(schema);
    nodes.set(name, made);
    return made;
  };
  return { kind: 'map', atomic, field, element: undefined };
}

function nodeOfField(field: FieldSchema): MergeNode {
  const atomicMap = field.mapType === 'atomic';
  const single = nodeOfValue(field, atomicMap && !field.map && !field.list);
  if (field.map)
    return {
      kind: 'map',
      atomic: atomicMap,
      field: () => undefined,
      element: field.list ? { kind: 'list', relation: 'atomic', keys: [], element: single } : single,
    };
  return field.list ? listNode(field, single) : single;
}

function nodeOfValue(field: FieldSchema, atomic: boolean): MergeNode {
  switch (field.type) {
    case 'string':
    case 'bytes':
      return { kind: 'scalar', scalar: 'string' };
    case 'integer':
    case 'number':
      return { kind: 'scalar', scalar: 'numeric' };
    case 'boolean':
      return { kind: 'scalar', scalar: 'boolean' };
    case 'object':
      return field.ref === undefined
        ? field.format === 'fields-v1'
          ? untyped
          : deduced
        : nodeOfType(field.ref, atomic);
    default:
      return untyped;
  }
}

/** Lists without a list type merge as strategic patches would. */
function listNode(field: FieldSchema, element: MergeNode): ListNode {
  if (field.listType === 'map')
    return { kind: 'list', relation: 'map', keys: listKeys(field, field.mapKeys ?? []), element };
  if (field.listType !== undefined) return { kind: 'list', relation: field.listType, keys: [], element };
  const merges = (field.patchStrategy ?? '').split(',').includes('merge');
  if (!merges) return { kind: 'list', relation: 'atomic', keys: [], element };
  if (field.patchMergeKey === undefined) return { kind: 'list', relation: 'set', keys: [], element };
  return { kind: 'list', relation: 'map', keys: listKeys(field, [field.patchMergeKey]), element };
}

const emptyValues: Readonly<Record<string, Json>> = { string: '', integer: 0, number: 0, boolean: false };

function listKeys(list: FieldSchema, names: readonly string[]): ListKey[] {
  const fields = list.ref === undefined ? undefined : typeSchema(list.ref).fields;
  return [...names].sort().map((name) => {
    const field = fields?.get(name);
    const empty = field !== undefined && (field.required || !field.omitEmpty) ? emptyValues[field.type] : undefined;
    return { name, fallback: field?.default ?? empty };
  });
}

const zeroObjects = new Map<string, Readonly<Record<string, unknown>>>();

/**
 * What upstream encodes for a struct of which nothing is set: the ground that a new object's first owner is compared
 * with.
 */
export function zeroObject(type: string): Readonly<Record<string, unknown>> {
  const known = zeroObjects.get(type);
  if (known !== undefined) return known;
  const zero: Record<string, unknown> = {};
  for (const field of findType(type)?.fields.values() ?? []) if (!field.omitEmpty) zero[field.name] = zeroValue(field);
  zeroObjects.set(type, zero);
  return zero;
}

function zeroValue(field: FieldSchema): unknown {
  if (field.list || field.map || field.keepsEmpty) return null;
  if (field.ref !== undefined) return zeroObject(field.ref);
  if (field.type === 'quantity') return '0';
  if (field.type === 'int-or-string') return 0;
  return emptyValues[field.type] ?? null;
}
