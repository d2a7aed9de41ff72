import { assert } from '../../base/index.ts';
import type { JsonObject } from '../object.ts';
import { type GroupVersionKind, tableGroupVersions, type TypeSchema, typeSchema } from '../schema/index.ts';
import { definitionName } from './definition-name.ts';
import { type Dialect, plainDefinitions } from './dialect.ts';
import { fieldSchema, referredDefinition } from './field-schema.ts';

/** Definitions of these types and of all that they refer to, sorted by name. `made`: those of types that are in no table, by type. */
export function definitionsOf(types: Iterable<string>, dialect: Dialect, made: ReadonlyMap<string, JsonObject> = new Map()): JsonObject {
  const found = new Map([...made].map(([type, schema]) => [definitionName(type), schema] as const));
  const waiting = [...types];
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    const name = definitionName(type);
    if (found.has(name)) continue;
    const plain = plainDefinitions[name];
    if (plain !== undefined) {
      found.set(name, dialect.version === 2 ? plain.v2 : plain.v3);
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
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    ...(fields.length === 0 ? {} : { properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, type.name, dialect)])) }),
    ...(type.groupVersionKind === undefined ? {} : { 'x-kubernetes-group-version-kind': kindsOf(type.name, type.groupVersionKind) }),
    ...(type.mapType === undefined ? {} : { 'x-kubernetes-map-type': type.mapType }),
  };
}

/** DeleteOptions is a kind of every group version; any other kind stands for itself. */
function kindsOf(type: string, own: GroupVersionKind): readonly JsonObject[] {
  if (type !== 'meta/v1.DeleteOptions') return [{ group: own.group, kind: own.kind, version: own.version }];
  return tableGroupVersions().map(({ group, version }) => ({ group, kind: own.kind, version }));
}
