/** How large a value can be by its schema, for estimating the cost of rules. */

import type { DeclaredSize } from '../cel/index.ts';
import { limits } from '../../base/index.ts';
import { itemsOf, type JsonSchema, valuesOf } from './definition.ts';
import { escapedName } from './rule-types.ts';

const requestBytes = limits.requestBytesMax;

/** Formats whose texts are of known lengths, their quotes counted: the shortest and the longest. */
const formats: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  duration: { min: 3, max: 32 },
  date: { min: 12, max: 12 },
  'date-time': { min: 21, max: 32 },
};
const plain: Readonly<Record<string, DeclaredSize>> = {
  boolean: { elementsMax: 0, bytesMin: 4 },
  integer: { elementsMax: 0, bytesMin: 1 },
  number: { elementsMax: 0, bytesMin: 1 },
};

/**
 * How large values of a schema can be within one request, as upstream's estimates of costs take it. Undefined:
 * expressions do not see them.
 */
export function declaredSize(schema: JsonSchema, root: boolean): DeclaredSize | undefined {
  if (schema['x-kubernetes-int-or-string'] === true)
    return {
      elementsMax: schema.maxLength === undefined ? requestBytes - 2 : Math.max(0, schema.maxLength) * 4,
      bytesMin: 1,
    };
  const { type = '' } = schema;
  if (type === 'array') return listSize(schema);
  if (type === 'string') return textSize(schema);
  if (type !== 'object') return plain[type];
  const values = valuesOf(schema);
  return values === undefined ? objectSize(schema, root) : mapSize(schema, values);
}

const embedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

function listSize(schema: JsonSchema): DeclaredSize | undefined {
  const items = itemsOf(schema);
  const elements = items === undefined ? undefined : declaredSize(items, embedded(items));
  if (elements === undefined) return undefined;
  return { elementsMax: bounded(schema.maxItems, (requestBytes - 2) / (elements.bytesMin + 1)), bytesMin: 2, elements };
}

function mapSize(schema: JsonSchema, values: JsonSchema): DeclaredSize | undefined {
  const elements = declaredSize(values, embedded(values));
  if (elements === undefined) return undefined;
  return {
    elementsMax: bounded(schema.maxProperties, (requestBytes - 2) / (elements.bytesMin + 6)),
    bytesMin: 2,
    elements,
  };
}

const bounded = (max: number | undefined, most: number): number =>
  max === undefined ? Math.floor(most) : Math.max(0, max);

const text: JsonSchema = { type: 'string' };
const rootFields: Readonly<Record<string, JsonSchema>> = {
  kind: text,
  apiVersion: text,
  metadata: { type: 'object', properties: { name: text, generateName: text } },
};

function objectSize(schema: JsonSchema, root: boolean): DeclaredSize {
  const fields = new Map<string, DeclaredSize>();
  let bytesMin = 2;
  for (const [name, property] of Object.entries(
    root ? { ...schema.properties, ...rootFields } : (schema.properties ?? {}),
  )) {
    const size = declaredSize(property, embedded(property));
    if (size === undefined) continue;
    const escaped = escapedName(name);
    if (escaped !== undefined) fields.set(escaped, size);
    if (schema.required?.includes(name) === true && property.default === undefined)
      bytesMin += name.length + size.bytesMin + 4;
  }
  return { elementsMax: 0, bytesMin, fields };
}

function textSize({ format = '', maxLength, enum: values }: JsonSchema): DeclaredSize {
  const known = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (known !== undefined) return { elementsMax: known.max, bytesMin: known.min };
  if (maxLength !== undefined)
    return { elementsMax: Math.max(0, maxLength) * (format === 'byte' ? 1 : 4), bytesMin: 2 };
  if (format === 'byte' || values === undefined || values.length === 0)
    return { elementsMax: requestBytes - 2, bytesMin: 2 };
  return {
    elementsMax: Math.max(0, ...values.map((value) => (typeof value === 'string' ? value.length : 0))),
    bytesMin: 2,
  };
}
