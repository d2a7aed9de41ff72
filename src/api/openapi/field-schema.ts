/** The OpenAPI schema of a field. */

import { definedMembers } from '../object.ts';
import type { JsonObject } from '../object.ts';
import type { FieldSchema, FieldType } from '../schema/index.ts';
import { definitionName } from './definition-name.ts';
import { type Dialect, reference } from './dialect.ts';

const extensionsHome = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

const special: Readonly<Partial<Record<FieldType, string>>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'int-or-string': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  'micro-time': 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  object: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
};

const schemaOr: Readonly<Record<string, string>> = {
  'schema-or-bool': `${extensionsHome}JSONSchemaPropsOrBool`,
  'schema-or-array': `${extensionsHome}JSONSchemaPropsOrArray`,
  'schema-or-strings': `${extensionsHome}JSONSchemaPropsOrStringArray`,
};

/**
 * Name of the definition that a field's value refers to; undefined for plain scalars. `owner` is the type it belongs
 * to.
 */
export function referredDefinition(field: FieldSchema, owner: string): string | undefined {
  if (field.ref !== undefined) return definitionName(field.ref);
  if (field.type !== 'any') return special[field.type];
  const own = field.format === undefined ? undefined : schemaOr[field.format];
  return (
    own ??
    (owner === 'apiextensions/v1.JSONSchemaProps'
      ? `${extensionsHome}JSON`
      : 'io.k8s.apimachinery.pkg.runtime.RawExtension')
  );
}

/** The schema of a field: its value, wrapped as list or map, with the notes that patches go by. */
export function fieldSchema(field: FieldSchema, owner: string, dialect: Dialect): JsonObject {
  return { ...shape(field, owner, dialect), ...notes(field) };
}

function shape(field: FieldSchema, owner: string, dialect: Dialect): JsonObject {
  const element = (): JsonObject => elementSchema(field, owner, dialect);
  if (field.map)
    return { type: 'object', additionalProperties: field.list ? { type: 'array', items: element() } : element() };
  if (field.list) return { type: 'array', items: element() };
  const definition = referredDefinition(field, owner);
  if (definition === undefined) return scalarSchema(field, dialect);
  if (dialect.version === 2) return reference(dialect, definition);
  if (standsAlone(field, owner)) return reference(dialect, definition);
  return { ...(heldByValue(field) ? { default: {} } : {}), allOf: [reference(dialect, definition)] };
}

/** Fields of which upstream says nothing beside their type: a reference needs no wrapping then. */
function standsAlone(field: FieldSchema, owner: string): boolean {
  return (
    (owner === 'apiextensions/v1.JSONSchemaProps' && field.name !== 'default') ||
    (owner === 'networking/v1.IngressRule' && field.name === 'http')
  );
}

/** Version 3 states the empty default of fields that upstream holds by value. */
function heldByValue(field: FieldSchema): boolean {
  return field.ref !== undefined && !field.keepsEmpty;
}

function elementSchema(field: FieldSchema, owner: string, dialect: Dialect): JsonObject {
  const definition = referredDefinition(field, owner);
  if (definition === undefined)
    return dialect.version === 2
      ? scalar(field)
      : { ...scalar(field), ...(field.type === 'bytes' ? {} : { default: emptyOf(field) }) };
  if (dialect.version === 2 || field.ref === undefined) return reference(dialect, definition);
  return { default: {}, allOf: [reference(dialect, definition)] };
}

function scalarSchema(field: FieldSchema, dialect: Dialect): JsonObject {
  const schema = scalar(field);
  if (dialect.version === 2) return schema;
  if (field.default !== undefined) return { ...schema, default: field.default };
  return field.omitEmpty || field.keepsEmpty || field.type === 'bytes'
    ? schema
    : { ...schema, default: emptyOf(field) };
}

function emptyOf(field: FieldSchema): unknown {
  return field.type === 'string' ? '' : field.type === 'boolean' ? false : 0;
}

function scalar(field: FieldSchema): JsonObject {
  const type = field.type === 'bytes' ? 'string' : field.type;
  return definedMembers({ type, format: field.format, enum: field.enum });
}

function notes(field: FieldSchema): JsonObject {
  return definedMembers({
    'x-kubernetes-list-map-keys': field.mapKeys,
    'x-kubernetes-list-type': field.listType,
    'x-kubernetes-map-type': field.mapType,
    'x-kubernetes-patch-merge-key': field.patchMergeKey,
    'x-kubernetes-patch-strategy': field.patchStrategy,
  });
}
