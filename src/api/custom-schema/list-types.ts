import { duplicate, type FieldError, verbatim } from '../machinery/index.ts';
import { isRecord, itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';
import { itemKey } from './old-values.ts';

/** Items of sets and keyed lists that stand twice. */
export function listTypeErrors(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined || value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    return [...duplicateErrors(items, schema, path), ...items.flatMap((item, index) => listTypeErrors(item, itemsOf(schema), `${path}[${index}]`))];
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const property = propertyOf(schema, name);
    const child = property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return listTypeErrors(member, property ?? valuesOf(schema), child);
  });
}

function duplicateErrors(items: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const seen = new Set<string>();
  const reported = new Set<string>();
  return items.flatMap((item, index) => {
    const key = type === 'set' ? JSON.stringify(item) : itemKey(schema, item);
    const again = seen.has(key) && !reported.has(key);
    if (seen.has(key)) reported.add(key);
    seen.add(key);
    return again ? [duplicate(`${path}[${index}]`, type === 'set' ? item : verbatim(keysText(schema, item)))] : [];
  });
}

/** The keys of an item as Go prints a map. */
function keysText(schema: JsonSchema, item: unknown): string {
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  return `map[string]interface {}{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(isRecord(item) ? item[key] : null)}`).join(', ')}}`;
}
