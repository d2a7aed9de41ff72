/** Prints the difference between two objects as go-cmp does. */

import { deepEqual, goQuote, semanticEqual } from '../machinery/index.ts';
import type { FieldSchema } from '../schema/index.ts';
import { goFields } from './go-names.ts';

/**
 * What differs between two structures, for messages about forbidden changes: lines that begin with `-` show what was,
 * those with `+` what was wanted. Written as upstream's comparer (go-cmp) writes it: Go's names of types and fields,
 * two equal fields of context on each side of a change, others counted. `type` is a schema type such as
 * `core/v1.PodSpec`.
 */
export function differenceText(type: string, old: object, wanted: object): string {
  const node = structNode(type, old as Values, wanted as Values);
  return `${expanded(difference(node), ' ', 0, true)}\n`;
}

type Values = Readonly<Record<string, unknown>>;
type Mark = ' ' | '-' | '+';

/** A pair of values: `text` of both sides for a leaf; children for what goes on. */
interface Node {
  readonly same: boolean;
  readonly zero: boolean;
  readonly type: string;
  readonly prefix: string;
  readonly texts: readonly [old: string, wanted: string];
  readonly children: readonly (readonly [key: string, node: Node])[];
  /** Lists: what came or went has no partner. */
  readonly side?: '-' | '+';
}

function structNode(type: string, old: Values, wanted: Values, prefix = ''): Node {
  const children = goFields(type).map(([key, field, inner]): readonly [string, Node] => [
    key,
    inner === undefined
      ? fieldNode(field as FieldSchema, old, wanted)
      : groupNode(inner.type, inner.fields, old, wanted),
  ]);
  return branch({ type: goType(type), prefix, children });
}

/** An embedded struct, whose fields JSON has inline. */
function groupNode(
  type: string,
  fields: readonly (readonly [string, FieldSchema])[],
  old: Values,
  wanted: Values,
): Node {
  return branch({ type, prefix: '', children: fields.map(([key, field]) => [key, fieldNode(field, old, wanted)]) });
}

function branch(of: Pick<Node, 'type' | 'prefix' | 'children'> & Partial<Node>): Node {
  const { children } = of;
  return {
    same: children.every(([, child]) => child.same),
    zero: of.prefix === '' && children.every(([, child]) => child.zero),
    texts: ['', ''],
    ...of,
  };
}

function leaf(old: string, wanted: string, zero: boolean): Node {
  return { same: old === wanted, zero, type: '', prefix: '', texts: [old, wanted], children: [] };
}

function fieldNode(field: FieldSchema, oldOwner: Values, wantedOwner: Values): Node {
  const [old, wanted] = [oldOwner[field.name] ?? undefined, wantedOwner[field.name] ?? undefined];
  if (field.ref !== undefined && !field.list && !field.map && !field.keepsEmpty)
    return structNode(field.ref, (old ?? {}) as Values, (wanted ?? {}) as Values);
  const bothThere = old !== undefined && wanted !== undefined;
  if (bothThere && field.ref !== undefined && !field.list && !field.map)
    return structNode(field.ref, old as Values, wanted as Values, '&');
  if (bothThere && field.list && Array.isArray(old) && Array.isArray(wanted)) return listNode(field, old, wanted);
  const same = semanticEqual(old, wanted);
  const text = valueOf(field, old);
  return { ...leaf(text, same ? text : valueOf(field, wanted), old === undefined && wanted === undefined), same };
}

function listNode(field: FieldSchema, old: readonly unknown[], wanted: readonly unknown[]): Node {
  const one = { ...field, list: false };
  const children = Array.from({ length: Math.max(old.length, wanted.length) }, (_, index): readonly [string, Node] => {
    const [before, after] = [old[index], wanted[index]];
    if (before !== undefined && after !== undefined && field.ref !== undefined)
      return ['', structNode(field.ref, before as Values, after as Values)];
    const side = after === undefined ? { side: '-' as const } : before === undefined ? { side: '+' as const } : {};
    return ['', { ...leaf(valueOf(one, before), valueOf(one, after), false), same: deepEqual(before, after), ...side }];
  });
  return branch({ type: `[]${elementType(field)}`, prefix: '', children, zero: false });
}

const goScalars: Readonly<Partial<Record<FieldSchema['type'], string>>> = {
  boolean: 'bool',
  integer: 'int32',
  number: 'float64',
  quantity: 'resource.Quantity',
};

const goType = (type: string): string => `${type.slice(0, type.indexOf('/'))}.${type.slice(type.indexOf('.') + 1)}`;
const elementType = (field: FieldSchema): string =>
  field.ref === undefined ? (goScalars[field.type] ?? 'string') : goType(field.ref);

/** A whole value in Go's notation, with its type where that does not follow from the context. */
function valueOf(field: FieldSchema, value: unknown): string {
  if (value === undefined || value === null)
    return field.list || field.map || field.keepsEmpty || field.ref !== undefined ? 'nil' : zeroOf(field);
  if (field.list && Array.isArray(value))
    return `[]${elementType(field)}{${value.map((item) => valueOf({ ...field, list: false }, item)).join(', ')}}`;
  if (field.map && typeof value === 'object')
    return `map[string]${elementType(field)}{${Object.entries(value)
      .map(([key, item]) => `${goQuote(key)}: ${valueOf({ ...field, map: false }, item)}`)
      .join(', ')}}`;
  if (field.ref !== undefined) return structText(field.ref, value as Values, field.keepsEmpty ? '&' : '');
  const text =
    typeof value === 'string' ? (field.type === 'quantity' ? `{s: ${goQuote(value)}}` : goQuote(value)) : String(value);
  return field.keepsEmpty ? `&${text}` : text;
}

function zeroOf(field: FieldSchema): string {
  return field.type === 'boolean' ? 'false' : field.type === 'integer' || field.type === 'number' ? '0' : '""';
}

function structText(type: string, value: Values, prefix: string): string {
  const parts = goFields(type).flatMap(([key, field]) =>
    field === undefined || value[field.name] === undefined ? [] : [`${key}: ${valueOf(field, value[field.name])}`],
  );
  return `${prefix}${goType(type)}{${parts.join(', ')}}`;
}

// What is printed: a line, or a bracketed list of records.
interface Block {
  readonly head: string;
  readonly records: readonly PrintedRecord[];
}

interface PrintedRecord {
  readonly mark: Mark;
  readonly key: string;
  readonly value: string | Block;
}

const contextFields = 2;

function difference(node: Node): Block {
  const records: PrintedRecord[] = [];
  const { children } = node;
  for (let at = 0; at < children.length;) {
    const same = children[at]?.[1].same === true;
    let end = at;
    while (end < children.length && (children[end]?.[1].same === true) === same) end += 1;
    const group = children.slice(at, end);
    records.push(
      ...(same
        ? context(group, at > 0, end < children.length, node.type.startsWith('[]') ? 'element' : 'field')
        : group.flatMap(([key, child]) => changed(key, child))),
    );
    at = end;
  }
  return { head: node.prefix + node.type, records };
}

function context(
  group: readonly (readonly [string, Node])[],
  before: boolean,
  after: boolean,
  word: string,
): PrintedRecord[] {
  const low = before ? Math.min(contextFields, group.length) : 0;
  let high = after ? Math.min(contextFields, group.length - low) : 0;
  if (group.length - low - high === 1) high += 1;
  const left = group.length - low - high;
  const printed = (items: typeof group): PrintedRecord[] =>
    items.map(([key, child]) => ({ mark: ' ', key, value: identical(child, 1) }));
  const counted: PrintedRecord[] = left > 0 ? [{ mark: ' ', key: '', value: `... // ${left} identical ${word}s` }] : [];
  return [...printed(group.slice(0, low)), ...counted, ...printed(group.slice(group.length - high))];
}

/**
 * An equal value beside a change: its type is known and left out, zero fields are too, and little of its inside is
 * shown.
 */
function identical(node: Node, depth: number): string {
  if (node.children.length === 0) return node.texts[0];
  const parts = node.children
    .filter(([, child]) => !child.zero)
    .map(([key, child]) => `${key === '' ? '' : `${key}: `}${identical(child, depth - 1)}`);
  const shown = depth > 0 ? parts.slice(0, 4) : [];
  return `${node.prefix}{${[...shown, ...(parts.length > shown.length ? ['...'] : [])].join(', ')}}`;
}

function depthOf(node: Node): number {
  return node.children.reduce((deepest, [, child]) => Math.max(deepest, depthOf(child) + 1), 0);
}

function changed(key: string, node: Node): PrintedRecord[] {
  if (node.children.length !== depthOf(node)) return [{ mark: ' ', key, value: difference(node) }];
  const [old, wanted] = node.children.length === 0 ? node.texts : [whole(node, 0), whole(node, 1)];
  return [
    ...(node.side === '+' ? [] : [{ mark: '-' as const, key, value: old }]),
    ...(node.side === '-' ? [] : [{ mark: '+' as const, key, value: wanted }]),
  ];
}

function whole(node: Node, side: 0 | 1): string {
  if (node.children.length === 0) return node.texts[side];
  const members = node.children.map(([key, child]) => (key === '' ? '' : `${key}: `) + whole(child, side));
  return `${node.prefix}${node.type}{${members.join(', ')}}`;
}

/**
 * The comparer indents with no-break spaces or plain ones, at random, so that no program relies on its texts.
 */
const gap = '\u00a0';

/** The text of a block: a record a line, values of neighbouring one-line records under each other. */
function expanded(block: Block, mark: Mark, depth: number, first = false): string {
  const indent = (own: Mark, tabs: number): string => `${own === ' ' ? gap : own}${gap}${'\t'.repeat(tabs)}`;
  const lines = block.records.map((record, index) => {
    const own = record.mark === ' ' ? mark : record.mark;
    const value = typeof record.value === 'string' ? record.value : expanded(record.value, own, depth + 1);
    const key = record.key === '' ? '' : `${record.key}: ${' '.repeat(paddingOf(block.records, index))}`;
    return `${indent(own, depth + 1)}${key}${value}${record.value === value && value.startsWith('... //') ? '' : ','}`;
  });
  return `${first ? indent(mark, depth) : ''}${block.head}{\n${lines.join('\n')}\n${indent(mark, depth)}}`;
}

function paddingOf(records: readonly PrintedRecord[], index: number): number {
  const aligned = (record: PrintedRecord | undefined): boolean =>
    record !== undefined && record.key !== '' && typeof record.value === 'string';
  if (!aligned(records[index])) return 0;
  let [from, to] = [index, index];
  while (aligned(records[from - 1])) from -= 1;
  while (aligned(records[to + 1])) to += 1;
  return Math.max(...records.slice(from, to + 1).map(({ key }) => key.length)) - (records[index]?.key.length ?? 0);
}
