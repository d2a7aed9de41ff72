/** Removes the fields of a custom object that its schema does not specify. */

import { isObject } from '../../base/index.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';

/** What every object has, whatever its schema says. */
const objectFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Removes what the schema does not know, in place, and answers the paths of what was removed, sorted. Below a schema
 * that preserves unknown fields only the fields that it specifies are looked into.
 */
export function prune(object: Record<string, unknown>, schema: JsonSchema): readonly string[] {
  const removed: string[] = [];
  pruneValue(object, schema, { path: '', root: true, removed });
  return removed.sort();
}

interface Place {
  readonly path: string;
  readonly root: boolean;
  readonly removed: string[];
}

function pruneValue(value: unknown, schema: JsonSchema | undefined, place: Place): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      pruneValue(item, itemSchema(schema), { ...place, root: false, path: `${place.path}[${index}]` });
    });
  } else if (isObject(value)) pruneFields(value, schema, place);
}

/** Items of a list that preserves unknown fields preserve them too, unless they have a schema. */
function itemSchema(schema: JsonSchema | undefined): JsonSchema | undefined {
  return itemsOf(schema) ?? (preserves(schema) ? schema : undefined);
}

function preserves(schema: JsonSchema | undefined): boolean {
  return schema?.['x-kubernetes-preserve-unknown-fields'] === true;
}

function pruneFields(object: Record<string, unknown>, schema: JsonSchema | undefined, place: Place): void {
  const keepsObjectFields = place.root || schema?.['x-kubernetes-embedded-resource'] === true;
  for (const [name, value] of Object.entries(object)) {
    if (keepsObjectFields && objectFields.has(name)) continue;
    const path = place.path === '' ? name : `${place.path}.${name}`;
    const property = propertyOf(schema, name);
    const below = { removed: place.removed, root: false, path };
    if (property !== undefined) pruneValue(value, property, below);
    else if (schema?.additionalProperties !== undefined && schema.additionalProperties !== false)
      pruneValue(value, valuesOf(schema), below);
    else if (!preserves(schema)) {
      delete object[name];
      place.removed.push(path);
    }
  }
}

/** Removes nulls that may not be there and that no default replaces, in place. */
export function dropNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, itemsOf(schema));
    return;
  }
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    const property = propertyOf(schema, name);
    if (property === undefined) dropNulls(member, valuesOf(schema));
    else if (member === null && property.nullable !== true && property.default === undefined) delete value[name];
    else dropNulls(member, property);
  }
}
