/** Moves the ownership of replicas between an object and its Scale. */

import type { ManagedFieldsEntry } from '../objects/generated/meta-v1.ts';
import { difference, type FieldSet, intersection, isEmptySet, setOfPaths } from './field-set.ts';
import { type ManagerFields, readManagers, writeManagers } from './field-owners.ts';

/** Where an object keeps the replicas that its Scale shows. */
export interface ReplicasPlace {
  /** Version in which the object's fields are named. */
  readonly apiVersion: string;
  readonly path: readonly string[];
}

const scaleVersion = 'autoscaling/v1';
const replicasOfScale = setOfPaths([['spec', 'replicas']]);

const has = (set: FieldSet, field: FieldSet): boolean => !isEmptySet(intersection(set, field));

/** The identity of a manager: appliers keep theirs when they change the version. */
function identity({ manager, operation, apiVersion, subresource }: ManagerFields): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

function managersById(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, ManagerFields> {
  return new Map((readManagers(entries) ?? []).map((fields) => [identity(fields), fields]));
}

/** The owners of a Scale: those of the replicas of the object behind it. */
export function ownersOfScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  place: ReplicasPlace,
): ManagedFieldsEntry[] {
  const replicas = setOfPaths([place.path]);
  const owners = (readManagers(entries) ?? []).filter(
    ({ apiVersion, set }) => apiVersion === place.apiVersion && has(set, replicas),
  );
  return writeManagers(owners.map((fields) => ({ ...fields, apiVersion: scaleVersion, set: replicasOfScale })));
}

/**
 * The owners of an object after its Scale was written (upstream's ScaleHandler.ToParent): who owns the replicas of the
 * Scale owns them here. An updater is another one by way of the Scale, since its version differs, so it loses them as
 * an owner of the object.
 */
export function ownersOfScaled(
  entries: readonly ManagedFieldsEntry[] | undefined,
  scaleEntries: readonly ManagedFieldsEntry[],
  place: ReplicasPlace,
): ManagedFieldsEntry[] {
  const replicas = setOfPaths([place.path]);
  const scaleOwners = managersById(scaleEntries);
  const managers: ManagerFields[] = [];
  for (const [id, fields] of managersById(entries)) {
    const owns = fields.apiVersion === place.apiVersion && has(fields.set, replicas);
    managers.push(owns && !scaleOwners.has(id) ? { ...fields, set: difference(fields.set, replicas) } : fields);
    if (owns) scaleOwners.delete(id);
  }
  // When they came to own the replicas is not written down.
  const added = [...scaleOwners.values()]
    .filter(({ set }) => has(set, replicasOfScale))
    .map((fields) => ({ ...fields, apiVersion: place.apiVersion, time: undefined, set: replicas }));
  return writeManagers([...managers, ...added]);
}
