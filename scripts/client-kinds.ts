/**
 * Writes src/client/kinds/: the TypeScript types of every built-in kind and the table of their names, out of the schema
 * tables. `--check`: only says (by its exit code) whether the files are current.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { allResources, type FieldSchema, type ResourceInfo, typeSchema } from '../src/api/index.ts';
import { propertyName, qualifiedTypeName as typeName, reachable } from './schema-types.ts';

const folder = resolve(import.meta.dirname, '..', 'src', 'client', 'kinds');
const note = 'made by scripts/client-kinds.ts from the schema tables';

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  any: 'unknown',
  bytes: 'string',
  quantity: 'string | number',
  'int-or-string': 'string | number',
  time: 'string',
  'micro-time': 'string',
};

function fieldType(field: FieldSchema): string {
  const one =
    field.type === 'object'
      ? field.ref === undefined
        ? '{ [name: string]: unknown }'
        : typeName(field.ref)
      : (scalars[field.type] ?? 'unknown');
  const listed = field.list ? `${one.includes(' ') ? `(${one})` : one}[]` : one;
  return field.map ? `{ [name: string]: ${listed} }` : listed;
}

function typeText(name: string): string {
  const schema = typeSchema(name);
  const lines = [...schema.fields.values()]
    .filter(
      ({ name: field }) => schema.groupVersionKind === undefined || !['kind', 'apiVersion', 'metadata'].includes(field),
    )
    .map((field) => `  ${propertyName(field)}${field.required ? '' : '?'}: ${fieldType(field)};`);
  const head =
    schema.groupVersionKind === undefined
      ? []
      : [
          '  kind?: string;',
          '  apiVersion?: string;',
          `  metadata: MetaV1${name.endsWith('List') ? 'ListMeta' : 'ObjectMeta'};`,
        ];
  return [`export interface ${typeName(name)} {`, ...head, ...lines, '}', ''].join('\n');
}

/** Its plural, and its group where the plural is taken by one before. */
function keyOf(info: ResourceInfo, taken: ReadonlySet<string>): string {
  return taken.has(info.resource) ? `${info.resource}.${info.group}` : info.resource;
}

function kindsText(resources: readonly ResourceInfo[]): string {
  const taken = new Set<string>();
  const lines = resources.map((info) => {
    const key = keyOf(info, taken);
    taken.add(key);
    const { group, version, resource, kind, namespaced } = info;
    return `  ${/^\w+$/.test(key) ? key : JSON.stringify(key)}: kindOf<types.${typeName(info.type)}>(${JSON.stringify({
      group,
      version,
      resource,
      kind,
      namespaced,
    })
      .replace(/"(\w+)":/g, ' $1: ')
      .replace(/}$/, ' }')
      .replaceAll('"', "'")}),`;
  });
  return [
    `/** Every built-in kind by its plural name; ${note}. */`,
    "import { kindOf } from '../core/index.ts';",
    "import type * as types from './types.ts';",
    '',
    'export const kinds = {',
    ...lines,
    '} as const;',
    '',
  ].join('\n');
}

/** The files as they should be, by name. */
export function clientKinds(): Readonly<Record<string, string>> {
  // The newest version of a resource comes last.
  const newest = new Map(
    allResources()
      .filter(({ verbs }) => verbs.includes('get'))
      .map((info) => [`${info.group}/${info.resource}`, info] as const),
  );
  const resources = [...newest.values()];
  const names = reachable([...resources.map(({ type }) => type), 'meta/v1.ObjectMeta', 'meta/v1.ListMeta']);
  return {
    'types.ts': `/** The built-in kinds as TypeScript types; ${note}. */\n\n${names.map(typeText).join('\n')}`,
    'table.ts': kindsText(resources),
  };
}

if (import.meta.main) {
  const current = Object.entries(clientKinds()).filter(([name, text]) => {
    const file = join(folder, name);
    if (process.argv.includes('--check')) return readFileSync(file, 'utf8') === text;
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    return true;
  });
  process.exit(current.length === 2 ? 0 : 1);
}
