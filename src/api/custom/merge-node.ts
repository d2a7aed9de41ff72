/** How server-side apply merges custom objects. */

import { isObject } from '../../base/index.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from '../custom-schema/index.ts';
import type { Json } from '../object.ts';
import { type ListKey, type MapNode, type MergeNode, nodeOfType } from '../patch/index.ts';

const nodes = new WeakMap<JsonSchema, MergeNode>();
const deduced: MergeNode = { kind: 'deduced' };
const untyped: MergeNode = { kind: 'scalar', scalar: 'untyped' };

/**
 * How objects of the schema are owned and merged by server-side apply: metadata as everywhere, the rest as the schema
 * says.
 */
export function mergeNodeOf(schema: JsonSchema): MergeNode {
  const body = nodeOf(schema);
  const text: MergeNode = { kind: 'scalar', scalar: 'string' };
  const own: Readonly<Record<string, MergeNode>> = {
    apiVersion: text,
    kind: text,
    metadata: nodeOfType('meta/v1.ObjectMeta'),
  };
  const fields = body.kind === 'map' ? body : undefined;
  return {
    kind: 'map',
    atomic: false,
    field: (name) => (Object.hasOwn(own, name) ? own[name] : fields?.field(name)),
    element: body.kind === 'deduced' ? deduced : fields?.element,
  };
}

function nodeOf(schema: JsonSchema): MergeNode {
  const known = nodes.get(schema);
  if (known !== undefined) return known;
  const made = makeNode(schema);
  nodes.set(schema, made);
  return made;
}

function makeNode(schema: JsonSchema): MergeNode {
  if (schema['x-kubernetes-int-or-string'] === true) return untyped;
  switch (schema.type) {
    case 'string':
      return { kind: 'scalar', scalar: 'string' };
    case 'integer':
    case 'number':
      return { kind: 'scalar', scalar: 'numeric' };
    case 'boolean':
      return { kind: 'scalar', scalar: 'boolean' };
    case 'array':
      return listNode(schema);
    case 'object':
      return mapNode(schema);
    default:
      return deduced;
  }
}

function listNode(schema: JsonSchema): MergeNode {
  const items = itemsOf(schema);
  const element = items === undefined ? deduced : nodeOf(items);
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return { kind: 'list', relation: 'set', keys: [], element };
  if (type !== 'map') return { kind: 'list', relation: 'atomic', keys: [], element };
  const keys: ListKey[] = [...(schema['x-kubernetes-list-map-keys'] ?? [])]
    .sort()
    .map((name) => ({ name, fallback: propertyOf(items, name)?.default as Json | undefined }));
  return { kind: 'list', relation: 'map', keys, element };
}

function mapNode(schema: JsonSchema): MapNode | MergeNode {
  const { properties } = schema;
  const values = valuesOf(schema);
  const open =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true ||
    (properties === undefined && values === undefined);
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  return {
    kind: 'map',
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    field(name) {
      const property = propertyOf(schema, name);
      if (property !== undefined && isObject(property)) return nodeOf(property);
      return embedded && ['apiVersion', 'kind', 'metadata'].includes(name) ? deduced : undefined;
    },
    element: values !== undefined ? nodeOf(values) : open ? deduced : undefined,
  };
}
