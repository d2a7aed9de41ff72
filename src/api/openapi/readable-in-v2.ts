/** What version 2 of OpenAPI can say of a custom kind's schema, and kubectl reads without complaint. */
import type { JsonSchema } from '../custom-schema/index.ts';
import { definedMembers } from '../object.ts';

/**
 * Without the words that version 2 lacks: a value that may be null has no type, and so nothing below it. What may hold
 * unknown fields tells none of its own, since readers take the others for mistakes then. The schemas below are left to
 * the caller.
 */
export function readableInV2(schema: JsonSchema): JsonSchema {
  const { nullable = false, oneOf: _oneOf, anyOf: _anyOf, allOf: _allOf, not: _not, ...rest } = schema;
  const unknownFields = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const { type, items, properties, required: _required, ...kept } = rest;
  const open = nullable || unknownFields;
  const untyped =
    nullable || (type === 'array' && (open || items === undefined)) || (type === 'object' && unknownFields);
  return definedMembers({
    type: untyped ? undefined : type,
    ...kept,
    items: open ? undefined : items,
    properties: open ? undefined : properties,
    required: requiredInV2(schema, open ? {} : (properties ?? {})),
  });
}

/** A field that may be null is not required where null cannot be said. */
function requiredInV2(
  { required, additionalProperties }: JsonSchema,
  properties: NonNullable<JsonSchema['properties']>,
): readonly string[] | undefined {
  if (typeof additionalProperties === 'object' && additionalProperties.nullable === true) return undefined;
  const kept = required?.filter((name) => properties[name]?.nullable !== true);
  return kept?.length === 0 ? undefined : kept;
}
