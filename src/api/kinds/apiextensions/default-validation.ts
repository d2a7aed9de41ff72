import { itemsOf, type JsonSchema, noOld, prune, schemaErrors, valuesOf } from '../../custom-schema/index.ts';
import { deepClone, deepEqual, type FieldError, invalid } from '../../machinery/index.ts';

/** Defaults must be valid values of their own place, without fields that would be removed from an object. */
export function defaultErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  return [
    ...(schema.default === undefined ? [] : ownErrors(schema, schema.default, `${path}.default`)),
    ...(items === undefined ? [] : defaultErrors(items, `${path}.items`)),
    ...(values === undefined ? [] : defaultErrors(values, `${path}.additionalProperties`)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => defaultErrors(property, `${path}.properties[${name}]`)),
  ];
}

function ownErrors(schema: JsonSchema, value: unknown, path: string): FieldError[] {
  if (!isPruned(schema, value)) return [invalid(path, value, 'must not have unknown fields')];
  return schemaErrors(schema, { value, path: '', old: noOld }).map((error) => ({ ...error, field: error.field === '' || error.field === '<nil>' ? path : `${path}.${error.field}` }));
}

/** Looked at inside a wrapper, so that the default is no object of the API with metadata of its own. */
function isPruned(schema: JsonSchema, value: unknown): boolean {
  const wrapped = { value: deepClone(value) };
  prune(wrapped, { type: 'object', properties: { value: schema } });
  return deepEqual(wrapped.value, value);
}
