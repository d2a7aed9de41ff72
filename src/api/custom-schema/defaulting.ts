/** Fills in the defaults that the schema of a custom resource declares. */

import { isObject, setOwn } from '../../base/index.ts';
import { deepClone } from '../machinery/index.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';

const isBadNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true;

/** Fills in the schema's defaults, in place: for what is absent, and for nulls that may not be there. Idempotent. */
export function fillDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) fillItems(value, itemsOf(schema));
  else if (isObject(value)) fillFields(value, schema);
}

function fillItems(items: unknown[], schema: JsonSchema | undefined): void {
  items.forEach((item, index) => {
    if (isBadNull(item, schema) && schema?.default !== undefined) items[index] = deepClone(schema.default);
    fillDefaults(items[index], schema);
  });
}

/**
 * Objects without a type are written by the names of their fields; the first ones of a whole object (apiVersion, kind,
 * metadata) keep their places.
 */
function sortMembers(object: Record<string, unknown>): void {
  const names = Object.keys(object);
  const rest =
    names.includes('apiVersion') && names.includes('metadata')
      ? names.filter((name) => !['apiVersion', 'kind', 'metadata'].includes(name))
      : names;
  for (const name of rest.sort()) {
    const value = object[name];
    delete object[name];
    setOwn(object, name, value);
  }
}

function fillFields(object: Record<string, unknown>, schema: JsonSchema): void {
  let added = false;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    const present = Object.hasOwn(object, name) && object[name] !== undefined;
    if (present && !isBadNull(object[name], property)) continue;
    added ||= !Object.hasOwn(object, name);
    setOwn(object, name, deepClone(property.default));
  }
  if (added) sortMembers(object);
  const values = valuesOf(schema);
  for (const name of Object.keys(object)) {
    const property = propertyOf(schema, name);
    if (property !== undefined) fillDefaults(object[name], property);
    else {
      if (isBadNull(object[name], values) && values?.default !== undefined)
        setOwn(object, name, deepClone(values.default));
      fillDefaults(object[name], values);
    }
  }
}
