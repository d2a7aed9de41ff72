import { assert } from '../../base/index.ts';
import type { FieldSchema, GroupVersionKind, TypeSchema } from './field.ts';
import { readTableLine } from './table-line.ts';
import { tables } from './tables/index.ts';

/** The table of the types that every group shares. */
const sharedTable = 'meta/v1';

/** Lines of a table by type name; made when the table's first type is asked for. */
const linesOfTable = new Map<string, ReadonlyMap<string, string>>();
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
  const line = tableLines(name.slice(0, dot)).get(name.slice(dot + 1));
  if (line === undefined) return undefined;
  const type = parseType(name, line);
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
  return [...tableLines(table).keys()].sort().map((name) => `${table}.${name}`);
}

/** Prefixes of type names, `core/v1` …, sorted. */
export function tableNames(): readonly string[] {
  return Object.keys(tables).sort();
}

function tableLines(prefix: string): ReadonlyMap<string, string> {
  const known = linesOfTable.get(prefix);
  if (known !== undefined) return known;
  const lines = new Map<string, string>();
  for (const line of tables[prefix]?.text.split('\n') ?? []) {
    if (line !== '') lines.set(/^\w+/.exec(line)?.[0] ?? '', line);
  }
  linesOfTable.set(prefix, lines);
  return lines;
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

function parseType(name: string, line: string): TypeSchema {
  const prefix = name.slice(0, name.indexOf('.'));
  const kind = name.slice(prefix.length + 1);
  const table = tables[prefix];
  const read = readTableLine(line, prefix);
  const fields = read.kind ? [...typeMeta, ...read.fields] : read.fields;
  return {
    name,
    fields: new Map(fields.map((field) => [field.name, field])),
    ...(read.kind ? { groupVersionKind: { group: kindGroup(prefix, kind), version: table?.version ?? '', kind } } : {}),
    ...(read.atomic ? { mapType: 'atomic' as const } : {}),
  };
}

/** Kinds of the shared types are written with `v1`, except the two that answer metadata only. */
function kindGroup(prefix: string, kind: string): string {
  if (prefix === sharedTable) return kind.startsWith('PartialObjectMetadata') ? 'meta.k8s.io' : '';
  return tables[prefix]?.group ?? '';
}
