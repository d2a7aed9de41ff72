/** Publishes the schemas of custom resources. */

import type { ResourceInfo } from '../custom/index.ts';
import type { JsonSchema } from '../custom-schema/index.ts';
import { definedMembers, type JsonObject } from '../object.ts';
import { definitionName } from './definition-name.ts';
import { type Dialect, reference } from './dialect.ts';
import { kindFieldDescriptions, listMetadataDescription } from './kind-fields.ts';

/** Types that the definitions of custom kinds refer to. */
export const customReferences: readonly string[] = ['meta/v1.ObjectMeta', 'meta/v1.ListMeta'];

/** The definitions that a custom kind adds, by their types: its own and its list's. */
export function customDefinitions(
  info: ResourceInfo,
  dialect: Dialect,
): readonly (readonly [type: string, schema: JsonObject])[] {
  const schema = info.custom?.schema;
  if (schema === undefined) return [];
  const kindOf = (kind: string): JsonObject => ({
    'x-kubernetes-group-version-kind': [{ group: info.group, kind, version: info.version }],
  });
  const { apiVersion, kind, metadata, items } = kindFieldDescriptions;
  const text = (description: string | undefined): JsonObject => definedMembers({ description, type: 'string' });
  const meta = (name: string, description: string | undefined): JsonObject => ({
    ...definedMembers({ description }),
    ...(dialect.version === 2
      ? reference(dialect, definitionName(name))
      : { allOf: [reference(dialect, definitionName(name))] }),
  });
  const own = published(schema, dialect);
  const properties = {
    ...(own['properties'] as JsonObject | undefined),
    apiVersion: text(apiVersion),
    kind: text(kind),
    metadata: meta('meta/v1.ObjectMeta', metadata),
  };
  const list = {
    apiVersion: text(apiVersion),
    items: definedMembers({
      description: items,
      type: 'array',
      items: reference(dialect, definitionName(info.type)),
    }),
    kind: text(kind),
    metadata: meta('meta/v1.ListMeta', listMetadataDescription),
  };
  return [
    [info.type, { ...own, properties: sorted(properties), ...kindOf(info.kind) }],
    [
      listTypeOf(info),
      {
        description: `A list of objects of the kind ${info.kind}.`,
        type: 'object',
        required: ['items'],
        properties: list,
        ...kindOf(info.listKind),
      },
    ],
  ];
}

/** The type of a resource's lists. */
export function listTypeOf(info: ResourceInfo): string {
  return `${info.type.slice(0, info.type.lastIndexOf('.'))}.${info.listKind}`;
}

const sorted = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1)));

/** Version 2 has no words for these: a reader would take them for mistakes. */
const unknownToV2: ReadonlySet<string> = new Set(['nullable', 'oneOf', 'anyOf', 'allOf', 'not']);

function published(schema: JsonSchema, dialect: Dialect): JsonObject {
  const entries = Object.entries(schema)
    .filter(([field]) => dialect.version === 3 || !unknownToV2.has(field))
    .map(([field, value]) => [field, publishedField(field, value, dialect)] as const);
  return Object.fromEntries(entries);
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
