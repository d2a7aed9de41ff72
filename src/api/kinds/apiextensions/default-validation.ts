/** Validates the defaults in the schema of a CustomResourceDefinition. */

import {
  embeddedErrors,
  itemsOf,
  type JsonSchema,
  noOld,
  prune,
  ruleCheckOf,
  schemaErrors,
  valuesOf,
} from '../../custom-schema/index.ts';
import { deepClone, deepEqual, type FieldError, invalid } from '../../machinery/index.ts';

/** Defaults must be valid values of their own place, without fields that would be removed from an object. */
export function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  return [
    ...(schema.default === undefined ? [] : ownErrors(schema, schema.default, `${path}.default`)),
    ...(items === undefined ? [] : defaultErrors(items, `${path}.items`)),
    ...(values === undefined ? [] : defaultErrors(values, `${path}.additionalProperties`)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      defaultErrors(property, `${path}.properties[${name}]`),
    ),
  ];
}

function ownErrors(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  const unknown = isPruned(schema, value) ? [] : [invalid(path, value, 'must not have unknown fields')];
  const embedded = embeddedErrors(value, schema, path);
  if (embedded.length > 0) return [...unknown, ...embedded];
  const shape = schemaErrors(schema, { value, path: '', old: noOld }).map((error) => ({
    ...error,
    field: error.field === '' || error.field === '<nil>' ? path : `${path}.${error.field}`,
  }));
  return [...unknown, ...(shape.length > 0 ? shape : brokenRules(schema, value, path))];
}

/** Rules of a default compare it with itself, and forgive nothing for it. */
function brokenRules(schema: JsonSchema, value: unknown, path: string): readonly FieldError[] {
  const found = ruleCheckOf(schema, schema['x-kubernetes-embedded-resource'] === true)?.(value, value, path);
  return found === undefined ? [] : [...found.errors, ...found.warnings];
}

/** Checked inside a wrapper, so that the default is not taken for an API object with metadata. */
function isPruned(schema: JsonSchema, value: unknown): boolean {
  const wrapped = { value: deepClone(value) };
  prune(wrapped, { type: 'object', properties: { value: schema } });
  return deepEqual(wrapped.value, value);
}
