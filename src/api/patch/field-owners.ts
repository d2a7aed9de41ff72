/** The managers of an object's fields, as managedFields stores them. */

import type { ManagedFieldsEntry } from '../objects/generated/meta-v1.ts';
import type { Steps } from '../../base/index.ts';
import { parseTime } from '../machinery/index.ts';
import { difference, type FieldSet, isEmptySet, setOfPaths, union, unionOfAll } from './field-set.ts';
import { inOrder } from './field-order.ts';

/** One manager's fields, as they are worked with. */
export interface ManagerFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly set: FieldSet;
}

/** The identity of a managedFields entry. */
export type ManagerId = Pick<ManagerFields, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** More updating managers than this are merged, the oldest first. */
const updatersMax = 10;
const oldUpdatesManager = 'ancient-changes';

/** Fields that nobody owns: the object's identity and what the server sets. What is below `metadata` may be owned. */
export const unowned = setOfPaths([
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  ['metadata', 'uid'],
  ['metadata', 'clusterName'],
  ['metadata', 'generation'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
]);

export function ownable(set: FieldSet): FieldSet {
  return difference(set, unowned);
}

/** Whether two ids mean the same entry: appliers keep theirs when they change the API version. */
export function sameManager(left: ManagerId, right: ManagerId): boolean {
  return (
    left.manager === right.manager &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  );
}

/** Reads managedFields; undefined when an entry is malformed. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): ManagerFields[] | undefined {
  const managers: ManagerFields[] = [];
  for (const entry of entries ?? []) {
    if (entry.fieldsType !== 'FieldsV1' || (entry.operation !== 'Apply' && entry.operation !== 'Update'))
      return undefined;
    managers.push({
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time,
      set: (entry.fieldsV1 ?? {}) as FieldSet,
    });
  }
  return managers;
}

/** `[{}]`: the client wishes all ownership to be forgotten. */
export function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  const first = entries?.length === 1 ? entries[0] : undefined;
  return (
    first !== undefined &&
    Object.values(first).every((value: unknown) => value === undefined || value === '' || value === null)
  );
}

/** The entries in upstream's order: applied before updated ones, older before newer. */
export function writeManagers(managers: readonly ManagerFields[]): ManagedFieldsEntry[] {
  const owning = managers.filter(({ set }) => !isEmptySet(set));
  return (owning.length < 2 ? owning : owning.sort(compareManagers)).map((fields) => ({
    manager: fields.manager,
    operation: fields.operation,
    apiVersion: fields.apiVersion,
    ...(fields.time === undefined ? {} : { time: fields.time }),
    fieldsType: 'FieldsV1' as const,
    fieldsV1: inOrder(fields.set),
    ...(fields.subresource === '' ? {} : { subresource: fields.subresource }),
  }));
}

const textOrder = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
const seconds = (time: string | undefined): number =>
  Math.floor((time === undefined ? 0 : (parseTime(time) ?? 0)) / 1000);

function compareManagers(left: ManagerFields, right: ManagerFields): number {
  return (
    textOrder(left.operation, right.operation) ||
    seconds(left.time) - seconds(right.time) ||
    textOrder(left.manager, right.manager) ||
    textOrder(left.apiVersion, right.apiVersion) ||
    textOrder(left.subresource, right.subresource)
  );
}

/** Takes the fields of `set` from every manager. */
export function withoutFields(managers: readonly ManagerFields[], set: FieldSet): ManagerFields[] {
  if (isEmptySet(set)) return [...managers];
  const kept: ManagerFields[] = [];
  for (const fields of managers) {
    const rest = difference(fields.set, set);
    if (rest === fields.set) kept.push(fields);
    else if (!isEmptySet(rest)) kept.push({ ...fields, set: rest });
  }
  return kept;
}

/** Gives the fields of `set` to one manager, beside those it has, and notes the time; an empty set changes nothing. */
export function withFields(
  managers: readonly ManagerFields[],
  id: ManagerId,
  given: { readonly set: FieldSet; readonly time: string },
): ManagerFields[] {
  if (isEmptySet(given.set)) return [...managers];
  const before = managers.find((fields) => sameManager(fields, id));
  const after: ManagerFields = {
    ...id,
    time: given.time,
    set: before === undefined ? given.set : union(before.set, given.set),
  };
  return before === undefined ? [...managers, after] : managers.map((fields) => (fields === before ? after : fields));
}

/** Merges the oldest updating managers of each version until no more than the bound are left. */
export function* capped(managers: readonly ManagerFields[]): Steps<ManagerFields[]> {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  if (updaters.length <= updatersMax) return [...managers];
  const oldestFirst = updaters.sort(
    (left, right) => seconds(left.time) - seconds(right.time) || textOrder(left.manager, right.manager),
  );
  const groups = groupsToMerge(oldestFirst);
  const merged = new Set(groups.flat());
  const buckets: ManagerFields[] = [];
  for (const group of groups) buckets.push(yield* bucketOf(group));
  const stays = (fields: ManagerFields): boolean =>
    !merged.has(fields) && !buckets.some((bucket) => sameManager(fields, bucket));
  return [...managers.filter(stays), ...buckets];
}

/** Those of each version that become one, in the order in which the last of each comes. */
function groupsToMerge(oldestFirst: readonly ManagerFields[]): readonly (readonly ManagerFields[])[] {
  let count = oldestFirst.length;
  const byVersion = new Map<string, ManagerFields[]>();
  for (const fields of oldestFirst) {
    if (count <= updatersMax) break;
    const group = byVersion.get(fields.apiVersion);
    group?.push(fields);
    if (group !== undefined) count -= 1;
    byVersion.delete(fields.apiVersion);
    byVersion.set(fields.apiVersion, group === undefined ? [fields] : group);
  }
  return [...byVersion.values()].filter(({ length }) => length > 1);
}

function* bucketOf(group: readonly ManagerFields[]): Steps<ManagerFields> {
  const last = group.at(-1);
  const set = yield* unionOfAll(group.map((fields) => fields.set));
  return {
    manager: oldUpdatesManager,
    operation: 'Update',
    apiVersion: last?.apiVersion ?? '',
    subresource: '',
    time: last?.time ?? '',
    set,
  };
}
