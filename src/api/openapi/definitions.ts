/** The type definitions of an OpenAPI document, made from the schema tables. */

import { definedMembers } from '../object.ts';
import { assert } from '../../base/index.ts';
import type { JsonObject } from '../object.ts';
import { type FieldSchema, type TypeSchema, typeSchema } from '../schema/index.ts';
import { definitionName } from './definition-name.ts';
import { type Dialect, plainDefinitions } from './dialect.ts';
import { fieldSchema, referredDefinition } from './field-schema.ts';
import { kindFieldDescriptions, listMetadataDescription } from './kind-fields.ts';
import { registeredVersions } from './registered-versions.ts';

/**
 * Definitions of these types and of all that they refer to, sorted by name. `made`: those of types that are in no
 * table, by type.
 */
export function definitionsOf(
  types: Iterable<string>,
  dialect: Dialect,
  made: ReadonlyMap<string, JsonObject> = new Map(),
): JsonObject {
  const found = new Map([...made].map(([type, schema]) => [definitionName(type), schema] as const));
  const waiting = [...types];
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    const name = definitionName(type);
    if (found.has(name)) continue;
    if (plainDefinitions[name] !== undefined) {
      addPlain(found, name, dialect);
      continue;
    }
    const schema = typeSchema(type);
    found.set(name, structSchema(schema, dialect));
    for (const field of schema.fields.values()) {
      if (field.ref !== undefined) waiting.push(field.ref);
      else addPlain(found, referredDefinition(field, type), dialect);
    }
  }
  return Object.fromEntries([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function addPlain(found: Map<string, JsonObject>, name: string | undefined, dialect: Dialect): void {
  if (name === undefined || found.has(name)) return;
  const plain = plainDefinitions[name];
  assert(plain !== undefined, `there is a definition of ${name}`);
  found.set(name, dialect.version === 2 ? plain.v2 : plain.v3);
}

function structSchema(type: TypeSchema, dialect: Dialect): JsonObject {
  const fields = [...type.fields.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const required = [...type.fields.values()].filter((field) => field.required).map((field) => field.name);
  return {
    ...definedMembers({ description: type.description }),
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    ...(fields.length === 0
      ? {}
      : {
          properties: Object.fromEntries(
            fields.map((field) => [
              field.name,
              definedMembers({
                description: fieldDescription(type, field),
                ...fieldSchema(field, type.name, dialect),
              }),
            ]),
          ),
        }),
    ...kindsOf(type),
    ...definedMembers({ 'x-kubernetes-map-type': type.mapType }),
    ...unionOf(type.name),
  };
}

/** The description of a field of this type: its own, or the one that every kind's field of this name has. */
function fieldDescription(type: TypeSchema, field: FieldSchema): string | undefined {
  if (field.description !== undefined || type.groupVersionKind === undefined) return field.description;
  return field.ref === 'meta/v1.ListMeta' ? listMetadataDescription : kindFieldDescriptions[field.name];
}

/** These are registered with every group version; any other kind stands for itself. */
const registeredEverywhere: Readonly<Record<string, string>> = {
  'meta/v1.DeleteOptions': 'DeleteOptions',
  'meta/v1.WatchEvent': 'WatchEvent',
};

function kindsOf({ name, groupVersionKind: own }: TypeSchema): JsonObject {
  const everywhere = registeredEverywhere[name];
  if (everywhere !== undefined)
    return {
      'x-kubernetes-group-version-kind': registeredVersions.map(({ group, version }) => ({
        group,
        kind: everywhere,
        version,
      })),
    };
  return own === undefined
    ? {}
    : { 'x-kubernetes-group-version-kind': [{ group: own.group, kind: own.kind, version: own.version }] };
}

/**
 * Structs of which one field tells by its value which other one is filled: that field, then Go's name of each of the
 * others.
 */
const unions: Readonly<Record<string, readonly [discriminator: string, ...fields: string[]]>> = {
  'core/v1.AppArmorProfile': ['type', 'localhostProfile'],
  'core/v1.SeccompProfile': ['type', 'localhostProfile'],
  'flowcontrol/v1.LimitResponse': ['type', 'queuing'],
  'flowcontrol/v1.PriorityLevelConfigurationSpec': ['type', 'exempt', 'limited'],
  'flowcontrol/v1.Subject': ['kind', 'group', 'serviceAccount', 'user'],
};

function unionOf(type: string): JsonObject {
  const union = unions[type];
  if (union === undefined) return {};
  const [discriminator, ...fields] = union;
  const named = fields.map((field) => [field, field.charAt(0).toUpperCase() + field.slice(1)] as const);
  return { 'x-kubernetes-unions': [{ discriminator, 'fields-to-discriminateBy': Object.fromEntries(named) }] };
}
