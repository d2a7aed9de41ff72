/** Whether a record of owners that came from a client or an admission plug-in can be read. */

import { atOnce, isObject, Memo, type Steps } from '../../base/index.ts';
import type { ManagedFieldsEntry } from '../objects/generated/meta-v1.ts';

/** Elements with JSON in them recur: the items of conditions, containers, owners. In bytes, as clients choose them. */
const readable = new Memo<string, boolean>({ bytesMax: 1024 * 1024 });

/**
 * What keeps managedFields from being read, in upstream's words; undefined: nothing. Upstream passes such a record over
 * where a client sends it, and puts the former one back where an admission plug-in made it.
 */
export function managedFieldsProblem(entries: unknown): string | undefined {
  return atOnce(problemSteps(entries));
}

/** The same, an entry in each step. */
export function* problemSteps(entries: unknown): Steps<string | undefined> {
  if (entries === undefined || entries === null) return undefined;
  if (!Array.isArray(entries)) return 'managedFields must be a list';
  for (const [index, entry] of entries.entries()) {
    const problem = isObject(entry) ? entryProblem(entry as Partial<ManagedFieldsEntry>, index) : 'no entry';
    if (problem !== undefined) return problem;
    yield;
  }
  return undefined;
}

function entryProblem(entry: Partial<ManagedFieldsEntry>, index: number): string | undefined {
  if (entry.operation !== 'Apply' && entry.operation !== 'Update') return 'operation must be `Apply` or `Update`';
  if ((entry.apiVersion ?? '') === '') return 'apiVersion must not be empty';
  const fieldsType: string = entry.fieldsType ?? '';
  if (fieldsType === '') return `missing fieldsType in managed fields entry ${String(index)}`;
  if (fieldsType !== 'FieldsV1')
    return `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${String(index)}`;
  const bad = unreadableElement(entry.fieldsV1 ?? {});
  return bad === undefined ? undefined : `error decoding versioned set: parsing key as path element: ${bad}`;
}

/** The first element that is none, or has no set below it. */
function unreadableElement(set: unknown): string | undefined {
  if (!isObject(set)) return JSON.stringify(set);
  for (const element in set) {
    if (element === '.') continue;
    if (!isElement(element)) return JSON.stringify(element);
    const below = unreadableElement(set[element]);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** Elements of a type that is not known yet count as such, as upstream has it. */
function isElement(element: string): boolean {
  if (element[1] !== ':') return false;
  const type = element[0];
  return type === 'k' || type === 'v' || type === 'i' ? readable.of(element, hasReadableKey) : true;
}

function hasReadableKey(element: string): boolean {
  const text = element.slice(2);
  if (element.startsWith('i:')) return /^[+-]?\d{1,18}$/.test(text);
  try {
    const key: unknown = JSON.parse(text);
    return element.startsWith('v:') || isObject(key);
  } catch {
    return false;
  }
}
