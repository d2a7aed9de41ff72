/** Updates the managedFields of an object after a write. */

import { atOnce, type Steps } from '../../base/index.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { ManagedFieldsEntry } from '../objects/generated/meta-v1.ts';
import { deepEqual, timeText } from '../machinery/index.ts';
import { findType } from '../schema/index.ts';
import { deepDifference, emptySet, type FieldSet, isEmptySet, setOfPaths, union } from './field-set.ts';
import {
  capped,
  isReset,
  type ManagerFields,
  ownable,
  readManagers,
  unowned,
  withFields,
  withoutFields,
  writeManagers,
} from './field-owners.ts';
import { managedFieldsProblem, problemSteps } from './managed-fields-check.ts';
import { type MergeNode, nodeOfType, zeroObject } from './merge-schema.ts';
import { compareSteps, compareTyped } from './typed-compare.ts';

/** A write by a manager to an object of a type. */
export interface ManagedWrite {
  /** Schema name of the object's struct. */
  readonly type: string;
  /** How objects that the tables do not know merge (custom resources). */
  readonly node?: MergeNode;
  readonly manager: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** '' for the object itself. */
  readonly subresource: string;
  /** `apps/v1`, the version in which the fields are named. */
  readonly apiVersion: string;
  /** Fields that this way of writing cannot set and so cannot own; absent: upstream's (`ignoredFields`). */
  readonly ignored?: readonly (readonly string[])[];
  /** The object is large: comparing it is divided too, which costs more together. */
  readonly large?: boolean | undefined;
}

interface ManagedUpdate extends ManagedWrite {
  /** The stored object; absent for a new one. */
  readonly before: KubeObject | JsonObject | undefined;
  /**
   * The object as it was asked for, defaults filled in, before admission and the kind's preparation. Its managedFields
   * are the client's.
   */
  readonly after: KubeObject | JsonObject;
  readonly operation?: 'Update';
}

type Metadata = { readonly managedFields?: readonly ManagedFieldsEntry[]; readonly uid?: string };
export const metadataOf = (object: KubeObject | JsonObject): Metadata => (object.metadata ?? {}) as Metadata;

/** The object without the record of its managers. */
export function withoutManagedFields(object: KubeObject | JsonObject): JsonObject {
  if (metadataOf(object).managedFields === undefined) return object as JsonObject;
  const { managedFields: _gone, ...metadata } = metadataOf(object) as JsonObject;
  return { ...object, metadata };
}

const ignoredByType = new Map<string, FieldSet>();

/** Labels and owners that a few kinds keep through a write of their status. */
const keptByStatus: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'apps/v1.Deployment': [['metadata', 'labels']],
  'core/v1.Pod': [
    ['metadata', 'deletionTimestamp'],
    ['metadata', 'ownerReferences'],
  ],
};

/** The fields that a way of writing resets: a status by the object itself, the rest by /status. */
function ignoredFields(type: string, subresource: string): FieldSet {
  const key = `${type}/${subresource}`;
  const known = ignoredByType.get(key);
  if (known !== undefined) return known;
  const fields = [...(findType(type)?.fields.keys() ?? [])];
  let set = emptySet;
  if (subresource === '' && fields.includes('status')) set = setOfPaths([['status']]);
  if (subresource === 'status') {
    const others = fields
      .filter((field) => !['apiVersion', 'kind', 'metadata', 'status'].includes(field))
      .map((field) => [field]);
    set = setOfPaths([...others, ...(keptByStatus[type] ?? [])]);
  }
  ignoredByType.set(key, set);
  return set;
}

export function ignoredOf(write: ManagedWrite): FieldSet {
  return write.ignored === undefined ? ignoredFields(write.type, write.subresource) : setOfPaths(write.ignored);
}

/**
 * The managedFields after an ordinary write: the writer owns what it changed, nobody owns what it changed or removed
 * any more. An object without any record gets none, except a new one. `[{}]` in the request forgets all owners. Cheap
 * where nothing changed: the entries come back as they were, times too.
 */
export function updateManagedFields(write: ManagedUpdate): ManagedFieldsEntry[] {
  return atOnce(managedFieldsSteps(write));
}

/** The same in steps. */
export function* managedFieldsSteps(write: ManagedUpdate): Steps<ManagedFieldsEntry[]> {
  const { before, after } = write;
  const managers = yield* managersOf(write);
  if (managers.length === 0) {
    if (before !== undefined) return [];
    if (write.large !== true) return writeManagers(firstManager(write));
    const bare = { ...write, before: groundOf(write.type), after: withoutManagedFields(after) };
    const first = yield* managersAfter([], bare);
    yield;
    return writeManagers(first);
  }
  const ground = before === undefined ? zeroObject(write.type) : withoutManagedFields(before);
  const left = yield* managersAfter(managers, { ...write, before: ground, after: withoutManagedFields(after) });
  yield;
  const few = yield* capped(left);
  yield;
  return writeManagers(few);
}

/** Fields that the first manager does not own: unowned ones and those that this way of writing cannot set. */
const passedByType = new Map<string, FieldSet>();

function passedOf(write: ManagedWrite): FieldSet {
  if (write.ignored !== undefined) return union(unowned, setOfPaths(write.ignored));
  const key = `${write.type}/${write.subresource}`;
  const known = passedByType.get(key);
  if (known !== undefined) return known;
  const made = union(unowned, ignoredFields(write.type, write.subresource));
  passedByType.set(key, made);
  return made;
}

/** The ground of a type without a table: its metadata is there, and nobody owns the whole of it. */
const bareObject = { metadata: {} };

function groundOf(type: string): JsonObject {
  const zero = zeroObject(type);
  return 'metadata' in zero ? zero : bareObject;
}

/**
 * As `managersAfter` for a new object that nobody owned, which nearly every one is: what no manager can own is not even
 * compared.
 */
function firstManager(write: ManagedUpdate): ManagerFields[] {
  const { changed } = compareTyped(
    write.node ?? nodeOfType(write.type),
    groundOf(write.type),
    withoutManagedFields(write.after),
    passedOf(write),
  );
  const { manager, apiVersion, subresource } = write;
  return withFields(
    [],
    { manager, operation: 'Update', apiVersion, subresource },
    { set: changed, time: timeText(write.now) },
  );
}

/** The entries that count: those of the request where it carries any that can be read, else the stored ones. */
function* managersOf({ before, after, subresource, large }: ManagedUpdate): Steps<ManagerFields[]> {
  const stored = before === undefined ? undefined : metadataOf(before).managedFields;
  if (subresource !== '') return readManagers(stored) ?? [];
  const sent = metadataOf(after).managedFields;
  if (isReset(sent)) return [];
  const problem = large === true ? yield* problemSteps(sent) : managedFieldsProblem(sent);
  const read = problem === undefined ? readManagers(sent) : undefined;
  return read === undefined || read.length === 0 ? (readManagers(stored) ?? []) : read;
}

/** The managers after `after` took the place of `before`. */
export function* managersAfter(
  managers: readonly ManagerFields[],
  write: ManagedWrite & { readonly before: unknown; readonly after: unknown },
): Steps<ManagerFields[]> {
  const ignored = ignoredOf(write);
  const node = write.node ?? nodeOfType(write.type);
  const comparison =
    write.large === true
      ? yield* compareSteps(node, write.before, write.after)
      : compareTyped(node, write.before, write.after);
  yield;
  const changed = deepDifference(comparison.changed, ignored);
  const removed = deepDifference(comparison.removed, ignored);
  if (isEmptySet(changed) && isEmptySet(removed)) return [...managers];
  yield;
  const touched = union(changed, removed);
  yield;
  const left = withoutFields(managers, touched);
  yield;
  const { manager, apiVersion, subresource } = write;
  return withFields(
    left,
    { manager, operation: 'Update', apiVersion, subresource },
    { set: ownable(changed), time: timeText(write.now) },
  );
}

/**
 * Puts the old entries back where only their times differ and nothing else of the object changed: such a write is none.
 */
export function keepManagedTimes(object: JsonObject, old: KubeObject): void {
  const next = metadataOf(object).managedFields;
  const stored = metadataOf(old).managedFields;
  if (next === undefined || stored === undefined || next === stored) return;
  const timeless = (entries: readonly ManagedFieldsEntry[]): unknown =>
    entries.map(({ time: _time, ...entry }) => entry);
  const byIdentity = (entries: readonly ManagedFieldsEntry[]): unknown =>
    timeless([...entries].sort((left, right) => (identity(left) < identity(right) ? -1 : 1)));
  if (
    !deepEqual(byIdentity(next), byIdentity(stored)) ||
    !deepEqual(withoutManagedFields(object), withoutManagedFields(old))
  )
    return;
  (object['metadata'] as JsonObject)['managedFields'] = stored;
}

const identity = (entry: ManagedFieldsEntry): string =>
  JSON.stringify([entry.operation, entry.manager, entry.apiVersion, entry.subresource]);
