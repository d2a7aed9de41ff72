/** Publishes the schemas of custom resources. */

import type { ResourceInfo } from '../custom/index.ts';
import type { JsonSchema } from '../custom-schema/index.ts';
import { definedMembers, type JsonObject } from '../object.ts';
import { definitionName } from './definition-name.ts';
import { type Dialect, reference } from './dialect.ts';
import { kindFieldDescriptions, listMetadataDescription } from './kind-fields.ts';
import { readableInV2 } from './readable-in-v2.ts';

/** Types that the definitions of custom kinds refer to. */
export const customReferences: readonly string[] = ['meta/v1.ObjectMeta', 'meta/v1.ListMeta'];

/** The definitions that a custom kind adds, by their types: its own and its list's. */
export function customDefinitions(
  info: ResourceInfo,
  dialect: Dialect,
): readonly (readonly [type: string, schema: JsonObject])[] {
  if (info.custom === undefined) return [];
  const { schema, selectableFields } = info.custom;
  const kindOf = (kind: string): JsonObject => ({
    'x-kubernetes-group-version-kind': [{ group: info.group, kind, version: info.version }],
  });
  const list = {
    ...kindFields(),
    items: definedMembers({
      description: kindFieldDescriptions.items,
      type: 'array',
      items: reference(dialect, definitionName(info.type)),
    }),
    metadata: metaReference(dialect, 'meta/v1.ListMeta', listMetadataDescription),
  };
  return [
    [info.type, { ...ownDefinition(schema, dialect), ...kindOf(info.kind), ...selectableBy(selectableFields) }],
    [
      listTypeOf(info),
      {
        description: `A list of objects of the kind ${info.kind}.`,
        type: 'object',
        required: ['items'],
        properties: sorted(list),
        ...kindOf(info.listKind),
      },
    ],
  ];
}

const selectableBy = (fields: readonly string[]): JsonObject =>
  definedMembers({
    'x-kubernetes-selectable-fields': fields.length === 0 ? undefined : fields.map((fieldPath) => ({ fieldPath })),
  });

/** The type of a resource's lists. */
export function listTypeOf(info: ResourceInfo): string {
  return `${info.type.slice(0, info.type.lastIndexOf('.'))}.${info.listKind}`;
}

const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1)));

/** The kind's own schema with the fields of every object. */
function ownDefinition(schema: JsonSchema, dialect: Dialect): JsonObject {
  // kubectl takes fields beside those that it knows for mistakes.
  if (dialect.version === 2 && keepsUnknown(schema)) return { type: 'object' };
  const own = published(schema, dialect);
  return { ...own, properties: sorted({ ...(own['properties'] as JsonObject | undefined), ...objectFields(dialect) }) };
}

function kindFields(): JsonObject {
  const { apiVersion, kind } = kindFieldDescriptions;
  const text = (description: string | undefined): JsonObject => definedMembers({ description, type: 'string' });
  return { apiVersion: text(apiVersion), kind: text(kind) };
}

const objectFields = (dialect: Dialect): JsonObject => ({
  ...kindFields(),
  metadata: metaReference(dialect, 'meta/v1.ObjectMeta', kindFieldDescriptions.metadata),
});

function metaReference(dialect: Dialect, type: string, description: string | undefined): JsonObject {
  const target = reference(dialect, definitionName(type));
  return { ...definedMembers({ description }), ...(dialect.version === 2 ? target : { allOf: [target] }) };
}

const keepsUnknown = (schema: JsonSchema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;

function published(schema: JsonSchema, dialect: Dialect): JsonObject {
  const readable = dialect.version === 2 ? readableInV2(schema) : schema;
  const fields: JsonObject = Object.fromEntries(
    Object.entries(readable).map(([field, value]) => [field, publishedField(field, value, dialect)] as const),
  );
  const embeds = schema['x-kubernetes-embedded-resource'] === true && (dialect.version === 3 || !keepsUnknown(schema));
  if (!embeds) return fields;
  const required = [...new Set([...(schema.required ?? []), 'kind', 'apiVersion'])];
  const properties = { ...(fields['properties'] as JsonObject | undefined), ...objectFields(dialect) };
  return { ...fields, properties: sorted(properties), required };
}

function publishedField(field: string, value: unknown, dialect: Dialect): unknown {
  if (field === 'items' || field === 'not') return published(value as JsonSchema, dialect);
  if (field === 'additionalProperties')
    return typeof value === 'object' ? published(value as JsonSchema, dialect) : value;
  if (field === 'properties')
    return Object.fromEntries(
      Object.entries(value as Record<string, JsonSchema>).map(([name, property]) => [
        name,
        published(property, dialect),
      ]),
    );
  if (field === 'oneOf' || field === 'anyOf' || field === 'allOf')
    return (value as readonly JsonSchema[]).map((one) => published(one, dialect));
  return value;
}
