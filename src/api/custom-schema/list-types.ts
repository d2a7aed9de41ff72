/** Checks that items of sets and keyed lists are unique. */

import { isObject } from '../../base/index.ts';
import { duplicate, type FieldError, invalid, verbatim } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';

/** Items of sets and keyed lists that stand twice. */
export function listTypeErrors(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined || value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    return [
      ...duplicateErrors(items, schema, path),
      ...items.flatMap((item, index) => listTypeErrors(item, itemsOf(schema), `${path}[${index}]`)),
    ];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const property = propertyOf(schema, name);
    const child = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return listTypeErrors(member, property ?? valuesOf(schema), child);
  });
}

function duplicateErrors(items: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  if (type === 'map') {
    const odd = items.findIndex((item) => item !== null && !isObject(item));
    if (odd >= 0) return [invalid(`${path}[${odd}]`, items[odd], 'must be an object for an array of list-type map')];
  }
  const seen = new Set<string>();
  const reported = new Set<string>();
  return items.flatMap((item, index) => {
    const unique = type === 'set' ? item : keysOf(schema, item);
    const key = sortedText(unique);
    const again = seen.has(key) && !reported.has(key);
    if (seen.has(key)) reported.add(key);
    seen.add(key);
    return again ? [duplicate(`${path}[${index}]`, type === 'set' ? item : verbatim(keysText(unique)))] : [];
  });
}

/** The keys that an item has. */
function keysOf(schema: JsonSchema, item: unknown): JsonObject {
  return isObject(item)
    ? Object.fromEntries(
        (schema['x-kubernetes-list-map-keys'] ?? [])
          .filter((key) => Object.hasOwn(item, key))
          .map((key) => [key, item[key]]),
      )
    : {};
}

/** As JSON, in which the order of members says nothing. */
const sortedText = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );

/** The keys of an item as Go prints a map. */
function keysText(keys: unknown): string {
  return `map[string]interface {}{${Object.entries(keys as JsonObject)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join(', ')}}`;
}
