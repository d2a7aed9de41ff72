/** Finds the old value of a list item by its key. */

import { isObject } from '../../base/index.ts';
import { type JsonSchema } from './definition.ts';

/** Stands for: there is no old value to compare with. */
export const noOld: unique symbol = Symbol('no old value');

/** The key of an item of a keyed list, as one text. */
function itemKey(schema: JsonSchema, item: unknown): string {
  return JSON.stringify(
    (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => (isObject(item) ? item[key] : undefined) ?? null),
  );
}

/** The old value of a list's item: items of keyed lists are found by their keys, others cannot be correlated. */
export function oldItem(schema: JsonSchema, item: unknown, old: unknown): unknown {
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map') return noOld;
  const key = itemKey(schema, item);
  const found = (old as unknown[]).find((candidate) => itemKey(schema, candidate) === key);
  return found === undefined ? noOld : found;
}
