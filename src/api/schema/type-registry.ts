/** Finds the types of the tables by name; a type is parsed when it is first asked for. */

import { assert } from '../../base/index.ts';
import type { FieldSchema, GroupVersionKind, TypeSchema } from './field.ts';
import { tables } from './tables/index.ts';
import { readTypeEntry, splitTable } from './type-entry.ts';

/** The table of the types that every group shares. */
const sharedTable = 'meta/v1';

/** Entries of a table by type name; made when the table's first type is asked for. */
const entriesOfTable = new Map<string, ReadonlyMap<string, string>>();
const parsedTypes = new Map<string, TypeSchema>();

/** The struct of this name. Throws InvariantError when the tables have none. */
export function typeSchema(name: string): TypeSchema {
  const type = findType(name);
  assert(type !== undefined, `the tables have the type ${name}`);
  return type;
}

/** The struct of this name, or undefined when the tables have none. Always the same object for the same name. */
export function findType(name: string): TypeSchema | undefined {
  const parsed = parsedTypes.get(name);
  if (parsed !== undefined) return parsed;
  const dot = name.indexOf('.');
  const entry = tableEntries(name.slice(0, dot)).get(name.slice(dot + 1));
  if (entry === undefined) return undefined;
  const type = parseType(name, entry);
  parsedTypes.set(name, type);
  return type;
}

/** Schema type name of a kind, `core/v1.Pod` of (``, `v1`, `Pod`); undefined when the tables have none. */
export function typeOfKind(kind: GroupVersionKind): string | undefined {
  for (const [prefix, table] of Object.entries(tables)) {
    if (table.group !== kind.group || table.version !== kind.version) continue;
    const name = `${prefix}.${kind.kind}`;
    if (findType(name)?.groupVersionKind !== undefined) return name;
  }
  return undefined;
}

/** Every type name of one table (`core/v1`), sorted. */
export function typeNames(table: string): readonly string[] {
  return [...tableEntries(table).keys()].sort().map((name) => `${table}.${name}`);
}

/** Prefixes of type names, `core/v1` …, sorted. */
export function tableNames(): readonly string[] {
  return Object.keys(tables).sort();
}

/** The unread entries of one table (`core/v1`) by type name. */
export function tableEntries(prefix: string): ReadonlyMap<string, string> {
  let entries = entriesOfTable.get(prefix);
  if (entries === undefined) entriesOfTable.set(prefix, (entries = splitTable(tables[prefix]?.text ?? '')));
  return entries;
}

const typeMeta: readonly FieldSchema[] = ['kind', 'apiVersion'].map((name) => ({
  name,
  type: 'string',
  list: false,
  map: false,
  required: false,
  omitEmpty: true,
  keepsEmpty: false,
  protobuf: 0,
}));

function parseType(name: string, entry: string): TypeSchema {
  const prefix = name.slice(0, name.indexOf('.'));
  const kind = name.slice(prefix.length + 1);
  const table = tables[prefix];
  const read = readTypeEntry(entry, prefix);
  const fields = read.kind ? [...typeMeta, ...read.fields] : read.fields;
  return {
    name,
    description: read.description,
    fields: new Map(fields.map((field) => [field.name, field])),
    groupVersionKind: read.kind ? { group: kindGroup(prefix, kind), version: table?.version ?? '', kind } : undefined,
    mapType: read.atomic ? 'atomic' : undefined,
  };
}

/** Kinds of the shared types are written with `v1`, except the two that answer metadata only. */
function kindGroup(prefix: string, kind: string): string {
  if (prefix === sharedTable) return kind.startsWith('PartialObjectMetadata') ? 'meta.k8s.io' : '';
  return tables[prefix]?.group ?? '';
}
