/** Reads the tables: each entry is one type, with its description and the resource that serves it. */

import { assert } from '../../base/index.ts';
import type { Json } from '../object.ts';
import type { FieldSchema, FieldType } from './field.ts';

/**
 * An entry is the type's name on a line, then indented lines, one for each field; entries are apart by an empty line:
 *
 *   Job@
 *     # Runs pods until a specified number of them have succeeded.
 *     resource jobs job namespaced * categories=all
 *     subresource status Job get,patch,update
 *     metadata+:1:meta/v1.ObjectMeta
 *     spec+:2:JobSpec
 *       # Desired state of the job.
 *
 * Name: `@` marks a kind, `~` a struct that is owned as a whole. Field: `name flags:number:type(notes)`, without
 * spaces. Flags: `!` required, `*` keeps empty values, `+` always written. The number may be a path through embedded
 * messages (`1/3`). Types: `[]` list, `{}` map, then a scalar of `scalars` below or the name of a struct (of the same
 * table when it has no slash). Notes are separated by `;` and may go on in the next line.
 * `#` lines describe the type or field above them; several lines are one text.
 *
 * `resource plural singular scope verbs [short=…] [categories=…] [stored=group/version]`: `*` stands for all eight
 * verbs, `-` for no singular, `stored` for the group version whose resource of the same name stores the objects.
 * `subresource name kind verbs`: the kind has its group version before it where that is another one.
 */
interface TypeEntry {
  readonly kind: boolean;
  readonly atomic: boolean;
  readonly description?: string | undefined;
  readonly fields: readonly FieldSchema[];
}

interface ScalarFacts {
  readonly type: FieldType;
  readonly format?: string;
}

const scalars: Readonly<Record<string, ScalarFacts>> = {
  s: { type: 'string' },
  b: { type: 'boolean' },
  i32: { type: 'integer', format: 'int32' },
  i64: { type: 'integer', format: 'int64' },
  f64: { type: 'number', format: 'double' },
  bytes: { type: 'bytes', format: 'byte' },
  q: { type: 'quantity' },
  ios: { type: 'int-or-string', format: 'int-or-string' },
  t: { type: 'time', format: 'date-time' },
  mt: { type: 'micro-time', format: 'date-time' },
  raw: { type: 'any' },
  fields: { type: 'object', format: 'fields-v1' },
  orbool: { type: 'any', format: 'schema-or-bool' },
  orarray: { type: 'any', format: 'schema-or-array' },
  orstrings: { type: 'any', format: 'schema-or-strings' },
};

/** Name, marks, description and resource lines of an entry. */
const headPattern = /^(\w+)([@~]*)((?:\n {2}# .*)*)(?:\n {2}(?:sub)?resource .*)*/;
/** The next field of an entry and its description. */
const fieldPattern = /\n {2}([^!*+:\s]+)([!*+]*):([\d/]+):((?:\[\]|\{\})*)([^\s(]+)(?:\(([^)]*)\))?((?:\n {4}# .*)*)/y;

/** The entries of a table by type name, unread. */
export function splitTable(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const entry of text.trim().split(/\n\n+/)) entries.set(/^\w+/.exec(entry)?.[0] ?? '', entry);
  return entries;
}

/** Reads the type of an entry; `table` (`core/v1`) completes the names of its structs. */
export function readTypeEntry(entry: string, table: string): TypeEntry {
  const [head = '', name = '', marks = '', description = ''] = headPattern.exec(entry) ?? [];
  const fields: FieldSchema[] = [];
  for (let read = head.length; read < entry.length; read = fieldPattern.lastIndex) {
    fieldPattern.lastIndex = read;
    const match = fieldPattern.exec(entry);
    assert(match !== null, `the tables' entry of ${name} can be read: ${entry.slice(read)}`);
    fields.push(readField(match, table));
  }
  return { kind: marks.includes('@'), atomic: marks.includes('~'), description: textOf(description), fields };
}

/** Words of the `resource` line of an entry and of each of its `subresource` lines; undefined where it has none. */
export function readResourceEntry(entry: string): ResourceEntry | undefined {
  if (!entry.includes('\n  resource ')) return undefined;
  const lines = entry.split('\n').map((line) => line.trim().split(' '));
  const wordsAfter = (name: string): string[][] => lines.filter(([first]) => first === name).map(([, ...rest]) => rest);
  return { resource: wordsAfter('resource')[0] ?? [], subresources: wordsAfter('subresource') };
}

export interface ResourceEntry {
  readonly resource: readonly string[];
  readonly subresources: readonly (readonly string[])[];
}

type Draft = { -readonly [name in keyof FieldSchema]: FieldSchema[name] };

function readField(match: RegExpExecArray, table: string): FieldSchema {
  const [, name = '', flags = '', numbers = '', shape = '', base = '', notes = '', description = ''] = match;
  const path = numbers.split('/').map(Number);
  const scalar = scalars[base];
  const field: Draft = {
    name,
    description: textOf(description),
    list: shape.includes('[]'),
    map: shape.includes('{}'),
    type: scalar === undefined ? 'object' : scalar.type,
    format: scalar?.format,
    ref: scalar !== undefined ? undefined : base.includes('/') ? base : `${table}.${base}`,
    required: flags.includes('!'),
    omitEmpty: !flags.includes('+'),
    keepsEmpty: flags.includes('*'),
    protobuf: path.at(-1) ?? 0,
    protobufInside: path.length > 1 ? path.slice(0, -1) : undefined,
  };
  if (notes !== '') readNotes(field, notes);
  return field;
}

/** The text of `#` lines; undefined when there are none. */
function textOf(lines: string): string | undefined {
  return lines === '' ? undefined : lines.replace(/\n +#/g, '').slice(1);
}

function readNotes(field: Draft, text: string): void {
  for (const note of text.replace(/\n +/g, '').split(';')) {
    const at = note.indexOf('=');
    const name = at < 0 ? note : note.slice(0, at);
    const value = at < 0 ? '' : note.slice(at + 1);
    if (name === 'atomic' || name === 'set') field.listType = name;
    else if (name === 'map') [field.listType, field.mapKeys] = ['map', value.split(',')];
    else if (name === 'mapatomic' || name === 'mapgranular')
      field.mapType = name === 'mapatomic' ? 'atomic' : 'granular';
    else if (name === 'patch') field.patchStrategy = value;
    else if (name === 'key') field.patchMergeKey = value;
    else if (name === 'enum') field.enum = value.split(',').map((word) => word.replaceAll('~', ' '));
    else if (name === 'default') field.default = JSON.parse(value) as Json;
    else if (name === 'wrapped') field.protobufWrapped = true;
    else assert(false, `a table's note is known: ${note}`);
  }
}
