import { assert } from '../../base/index.ts';
import type { Json } from '../object.ts';
import type { FieldSchema, FieldType } from './field.ts';

/**
 * Reads one line of a table:
 *
 *   Name@~ field flags:number:type(notes) ...
 *
 * `@` marks a kind, `~` a struct that is owned as a whole. Flags of a field: `!` required, `*` keeps empty values, `+`
 * always written. The number may be a path through embedded messages (`1/3`). Types: `[]` list, `{}` map, then a scalar
 * of `scalars` below or the name of a struct (of the same table when it has no slash). Notes are separated by `;`.
 */
export interface TableLine {
  readonly kind: boolean;
  readonly atomic: boolean;
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

const fieldPattern = /^([^!*+:]+)([!*+]*):([\d/]+):((?:\[\]|\{\})*)([^(]+)(?:\((.*)\))?$/;

/** Parses a line; `table` (`core/v1`) completes the names of its structs. */
export function readTableLine(line: string, table: string): TableLine {
  const [head = '', ...tokens] = line.split(' ');
  return {
    kind: head.includes('@'),
    atomic: head.includes('~'),
    fields: tokens.map((token) => readField(token, table)),
  };
}

function readField(token: string, table: string): FieldSchema {
  const match = fieldPattern.exec(token);
  assert(match !== null, `a table's field can be read: ${token}`);
  const [, name = '', flags = '', numbers = '', shape = '', base = '', notes = ''] = match;
  const path = numbers.split('/').map(Number);
  const scalar = scalars[base];
  return {
    name,
    list: shape.includes('[]'),
    map: shape.includes('{}'),
    ...(scalar ?? { type: 'object', ref: base.includes('/') ? base : `${table}.${base}` }),
    required: flags.includes('!'),
    omitEmpty: !flags.includes('+'),
    keepsEmpty: flags.includes('*'),
    protobuf: path.at(-1) ?? 0,
    ...(path.length > 1 ? { protobufInside: path.slice(0, -1) } : {}),
    ...readNotes(notes),
  };
}

type Notes = { -readonly [name in keyof FieldSchema]?: FieldSchema[name] };

function readNotes(text: string): Notes {
  const notes: Notes = {};
  for (const note of text === '' ? [] : text.split(';')) {
    const [name = '', value = ''] = splitOnce(note);
    if (name === 'atomic' || name === 'set') notes.listType = name;
    else if (name === 'map') [notes.listType, notes.mapKeys] = ['map', value.split(',')];
    else if (name === 'mapatomic' || name === 'mapgranular')
      notes.mapType = name === 'mapatomic' ? 'atomic' : 'granular';
    else if (name === 'patch') notes.patchStrategy = value;
    else if (name === 'key') notes.patchMergeKey = value;
    else if (name === 'enum') notes.enum = value.split(',').map((word) => word.replaceAll('~', ' '));
    else if (name === 'default') notes.default = JSON.parse(value) as Json;
    else if (name === 'wrapped') notes.protobufWrapped = true;
    else assert(false, `a table's note is known: ${note}`);
  }
  return notes;
}

function splitOnce(note: string): readonly [string, string] {
  const at = note.indexOf('=');
  return at < 0 ? [note, ''] : [note.slice(0, at), note.slice(at + 1)];
}
