import type { KubeObject } from '../object.ts';
import type { TableCell, TableColumn } from './behaviour.ts';

export const nameColumn: TableColumn = { name: 'Name', type: 'string', format: 'name', description: 'The name, unique in its namespace or, without one, in the cluster.', priority: 0 };
export const ageColumn: TableColumn = { name: 'Age', type: 'string', format: '', description: 'Time since the object was made.', priority: 0 };
export const createdAtColumn: TableColumn = { name: 'Created At', type: 'date', format: '', description: 'When the object was made, RFC 3339, in UTC.', priority: 0 };

export interface ColumnOptions {
  readonly type?: TableColumn['type'];
  readonly format?: string;
  readonly priority?: number;
}

/** A column besides name and age. */
export function column(name: string, description: string, options: ColumnOptions = {}): TableColumn {
  return { name, type: options.type ?? 'string', format: options.format ?? '', description, priority: options.priority ?? 0 };
}

const second = 1;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** A length of time as kubectl prints it (apimachinery duration.HumanDuration): two units at most, fewer the longer it is. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * minute) return `${seconds}s`;
  const minutes = Math.floor(seconds / minute);
  if (minutes < 10) return pair(minutes, 'm', seconds % minute, 's');
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.floor(seconds / hour);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 8 * 24) return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
  if (hours < 2 * 365 * 24) return `${Math.floor(hours / 24)}d`;
  const years = Math.floor(seconds / year);
  if (hours < 8 * 365 * 24) return pair(years, 'y', Math.floor(hours / 24) % 365, 'd');
  return `${years}y`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** The time since `timestamp` (RFC 3339), `<unknown>` without one. */
export function sinceText(timestamp: string | null | undefined, now: number): string {
  if (timestamp === undefined || timestamp === null || timestamp === '') return '<unknown>';
  return humanDuration(now - Date.parse(timestamp));
}

/** The age cell of an object. */
export function ageOf(object: KubeObject, now: number): string {
  return sinceText(object.metadata.creationTimestamp, now);
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
