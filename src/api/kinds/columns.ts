/** Columns and cells of Tables that many kinds share. */

import { ageText } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import type { TableCell, TableColumn } from './behaviour.ts';

export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique in its namespace or, for cluster-scoped kinds, in the cluster.',
  priority: 0,
};
export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  format: '',
  description: 'Time since the object was created.',
  priority: 0,
};
const createdAtColumn: TableColumn = {
  name: 'Created At',
  type: 'date',
  format: '',
  description: 'Time at which the object was created (RFC 3339, UTC).',
  priority: 0,
};

interface ColumnOptions {
  readonly type?: TableColumn['type'];
  readonly format?: string;
  readonly priority?: number;
}

/** A column besides name and age. */
export function column(name: string, description: string, options: ColumnOptions = {}): TableColumn {
  return {
    name,
    type: options.type ?? 'string',
    format: options.format ?? '',
    description,
    priority: options.priority ?? 0,
  };
}

/** The age cell of an object. */
export function ageOf(object: KubeObject, now: number): string {
  return ageText(object.metadata.creationTimestamp, now);
}

/** `text`, or `<none>` where there is nothing to print. */
export function textOrNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text;
}

/** Labels as `a=b,c=d`, sorted; `<none>` without any. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** The columns and row of a kind that shows its name and `Created At`, as upstream does for kinds without a printer. */
export const plainColumns: readonly TableColumn[] = [nameColumn, createdAtColumn];
export function plainRow(object: KubeObject): readonly TableCell[] {
  return [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null];
}

const shownMax = 3;

/** At most three texts joined by commas, and how many more there are. */
export function shortList(texts: readonly string[]): string {
  const shown = texts.slice(0, shownMax).join(',');
  return texts.length > shownMax ? `${shown} + ${texts.length - shownMax} more...` : shown;
}

interface NamedContainer {
  readonly name?: string;
  readonly image?: string;
}

/** The columns and cells that workloads share: names and images of their containers. */
export const containerColumns: readonly TableColumn[] = [
  column('Containers', 'Names of the containers.', { priority: 1 }),
  column('Images', 'Images of the containers.', { priority: 1 }),
];
export function containerCells(containers: readonly NamedContainer[] | undefined): [string, string] {
  const list = containers ?? [];
  return [
    list.map((container) => container.name ?? '').join(','),
    list.map((container) => container.image ?? '').join(','),
  ];
}
