/** Pairs the items and members of a value with those of its old version, for transition rules. */

import { isObject } from '../../base/index.ts';
import { deepEqual } from '../machinery/index.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';
import { noOld, oldItem } from './old-values.ts';

/**
 * What stood before where an item stands now, to tell whether it has changed: of lists of no declared type the item of
 * the same place.
 */
export function itemBefore(
  schema: JsonSchema,
  { item, index }: { readonly item: unknown; readonly index: number },
  old: unknown,
): unknown {
  if (schema['x-kubernetes-list-type'] !== undefined) return oldItem(schema, item, old);
  return Array.isArray(old) && index < old.length ? ((old as readonly unknown[])[index] ?? noOld) : noOld;
}

/** What a member was before. */
export function memberBefore(old: unknown, name: string): unknown {
  return isObject(old) && Object.hasOwn(old, name) ? old[name] : noOld;
}

/**
 * Whether a value is as before, as upstream finds it: a member that the schema does not know makes its object a changed
 * one.
 */
export function isUnchanged(schema: JsonSchema, value: unknown, old: unknown): boolean {
  if (old === noOld) return false;
  if (Array.isArray(value))
    return Array.isArray(old) && value.length === old.length && sameItems(schema, value, old as readonly unknown[]);
  if (isObject(value)) return isObject(old) && sameMembers(schema, value, old);
  return deepEqual(value ?? null, old ?? null);
}

function sameItems(schema: JsonSchema, items: readonly unknown[], old: readonly unknown[]): boolean {
  const below = itemsOf(schema);
  for (const [index, item] of items.entries()) {
    const before = below === undefined ? noOld : itemBefore(schema, { item, index }, old);
    if (below === undefined || before === noOld)
      return schema['x-kubernetes-list-type'] !== 'map' && deepEqual(items, old);
    if (!isUnchanged(below, item, before)) return false;
  }
  return true;
}

function sameMembers(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  old: Readonly<Record<string, unknown>>,
): boolean {
  const names = (object: object): readonly string[] =>
    Object.entries(object).flatMap(([name, member]) => (member === undefined ? [] : [name]));
  const own = names(value);
  return (
    own.length === names(old).length &&
    own.every((name) => {
      const below = propertyOf(schema, name) ?? valuesOf(schema);
      return below !== undefined && isUnchanged(below, value[name], memberBefore(old, name));
    })
  );
}
