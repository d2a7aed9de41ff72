/** Decides the sizes of old and new ReplicaSets during a rollout. */
import type { Deployment, ReplicaSet } from '../../api/index.ts';
import { annotations, boundsOf, byCreation, replicasOf, total } from './deployment.ts';

/** New sizes by set name. Only sets named here change. */
export type Sizes = ReadonlyMap<string, number>;

/** Pods that the set has or will have: one that was told to shrink still has its pods until it has deleted them. */
const occupied = (set: ReplicaSet): number => Math.max(replicasOf(set), set.status?.replicas ?? 0);

/** How large the new set may be: as large as the surge allows, never larger than the deployment. */
export function newSetSize(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): number {
  const wanted = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return wanted;
  const current = newSet === undefined ? 0 : replicasOf(newSet);
  const room = wanted + boundsOf(deployment).maxSurge - total(sets, occupied);
  return room <= 0 ? current : current + Math.max(0, Math.min(room, wanted - current));
}

/** The next size of the new set in a rollout; none when it has its size. */
export function scaleNewSet(deployment: Deployment, sets: readonly ReplicaSet[], newSet: ReplicaSet): Sizes {
  const wanted = replicasOf(deployment);
  const current = replicasOf(newSet);
  if (current === wanted) return new Map();
  const size = current > wanted ? wanted : newSetSize(deployment, sets, newSet);
  return size === current ? new Map() : new Map([[newSet.metadata.name, size]]);
}

/** Available pods that the set is sure to keep: its status may still count pods that its new size will remove. */
const keptAvailable = (set: ReplicaSet): number => Math.min(set.status?.availableReplicas ?? 0, replicasOf(set));

/**
 * The next sizes of the old sets in a rolling update: first pods that are not available anyway, then as many available
 * ones as leave `replicas - maxUnavailable` available.
 */
export function scaleOldSets(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): Sizes {
  const old = sets.filter((set) => set.metadata.name !== newSet?.metadata.name).sort(byCreation);
  const minAvailable = replicasOf(deployment) - boundsOf(deployment).maxUnavailable;
  const newUnavailable = newSet === undefined ? 0 : replicasOf(newSet) - keptAvailable(newSet);
  const most = total(sets, replicasOf) - minAvailable - newUnavailable;
  const sizes = new Map<string, number>();
  if (total(old, replicasOf) === 0 || most <= 0) return sizes;
  let left = most;
  for (const set of old) {
    const cut = Math.min(left, replicasOf(set) - keptAvailable(set));
    if (cut <= 0) continue;
    sizes.set(set.metadata.name, replicasOf(set) - cut);
    left -= cut;
  }
  let surplus = total(sets, keptAvailable) - minAvailable;
  for (const set of old) {
    const size = sizes.get(set.metadata.name) ?? replicasOf(set);
    const cut = Math.min(surplus, size);
    if (cut <= 0) continue;
    sizes.set(set.metadata.name, size - cut);
    surplus -= cut;
  }
  return sizes;
}

/** Whether the new set has taken over completely. */
function isSaturated(deployment: Deployment, set: ReplicaSet | undefined): boolean {
  const wanted = replicasOf(deployment);
  return (
    set !== undefined &&
    replicasOf(set) === wanted &&
    Number(set.metadata.annotations?.[annotations.desired]) === wanted &&
    (set.status?.availableReplicas ?? 0) === wanted
  );
}

/**
 * The sizes after the deployment was scaled (or is paused): with one active set, that one; when the new set has taken
 * over, the others go to zero; in the middle of a rollout every set gets its share, so that the ratio of old to new
 * stays.
 */
export function scaleSets(deployment: Deployment, sets: readonly ReplicaSet[], newSet: ReplicaSet | undefined): Sizes {
  const wanted = replicasOf(deployment);
  const active = sets.filter((set) => replicasOf(set) > 0);
  const only =
    active.length === 0 ? (newSet ?? [...sets].sort(byCreation).at(-1)) : active.length === 1 ? active[0] : undefined;
  if (only !== undefined) return replicasOf(only) === wanted ? new Map() : new Map([[only.metadata.name, wanted]]);
  if (isSaturated(deployment, newSet)) {
    return new Map(
      active.filter((set) => set.metadata.name !== newSet?.metadata.name).map((set) => [set.metadata.name, 0]),
    );
  }
  return deployment.spec.strategy?.type === 'Recreate' ? new Map() : proportionalSizes(deployment, active);
}

function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + boundsOf(deployment).maxSurge : 0;
  const toAdd = allowed - total(active, replicasOf);
  const order = [...active].sort(
    (a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)),
  );
  const sizes = new Map<string, number>();
  let added = 0;
  for (const set of order) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, { toAdd, added });
    sizes.set(set.metadata.name, replicasOf(set) + share);
    added += share;
  }
  const first = order[0];
  if (first !== undefined && toAdd !== 0) {
    sizes.set(first.metadata.name, Math.max(0, (sizes.get(first.metadata.name) ?? 0) + toAdd - added));
  }
  return sizes;
}

function shareOf(
  deployment: Deployment,
  set: ReplicaSet,
  budget: { readonly toAdd: number; readonly added: number },
): number {
  const left = budget.toAdd - budget.added;
  if (left === 0 || replicasOf(set) === 0) return 0;
  const fraction = fractionOf(deployment, set);
  return budget.toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** How many pods a set would gain or lose if it kept its part of the whole. */
function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return -size;
  const before = Number(set.metadata.annotations?.[annotations.max] ?? deployment.status?.replicas ?? 0);
  if (!(before > 0)) return 0;
  return Math.round((size * (replicasOf(deployment) + boundsOf(deployment).maxSurge)) / before) - size;
}
