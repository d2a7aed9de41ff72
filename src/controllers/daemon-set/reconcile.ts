/** Decides which daemons are made and deleted, and what a DaemonSet reports. */
import {
  type DaemonSet,
  type DaemonSetStatus,
  isFinished,
  isReady,
  type Node,
  parseTime,
  type Pod,
  scaledValue,
} from '../../api/index.ts';
import { isAvailable } from '../workload/index.ts';
import { revisionLabel, suits, targetOf } from './daemon-set.ts';

export interface Observed {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** Pods that the set owns. */
  readonly pods: readonly Pod[];
  /** The hash of the template's revision. */
  readonly hash: string;
  readonly now: number;
}

export interface Plan {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Pods among those to remove that ended by themselves. */
  readonly ended: readonly Pod[];
}

interface Place {
  readonly node: Node;
  readonly run: boolean;
  readonly stay: boolean;
  /** Those that were placed there first, then by age, the oldest first. Without pods that are over and deleted. */
  readonly pods: readonly Pod[];
}

const isDeleting = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isPlaced = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '';
const byPlaceAndAge = (a: Pod, b: Pod): number =>
  Number(isPlaced(b)) - Number(isPlaced(a)) ||
  (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
  (a.metadata.name < b.metadata.name ? -1 : 1);

function placesOf(observed: Observed): readonly Place[] {
  const pods = observed.pods.filter((pod) => !(isFinished(pod) && isDeleting(pod)));
  const byNode = Map.groupBy(pods, (pod) => targetOf(pod) ?? '');
  return observed.nodes.map((node) => ({
    node,
    ...suits(observed.set, node),
    pods: (byNode.get(node.metadata.name) ?? []).sort(byPlaceAndAge),
  }));
}

/** Which nodes get a pod, and which pods go: one daemon a node, and a rolling update within its bounds. */
export function planDaemons(observed: Observed): Plan {
  const { set } = observed;
  if (set.metadata.deletionTimestamp !== undefined) return { create: [], remove: [], ended: [] };
  const places = placesOf(observed);
  const desired = places.filter((place) => place.run).length;
  const strategy = set.spec.updateStrategy;
  const rolling = strategy?.type === undefined || strategy.type === 'RollingUpdate';
  const surge = rolling ? (scaledValue(strategy?.rollingUpdate?.maxSurge, desired, 'up') ?? 0) : 0;
  const kept = placeEach(observed, places, surge);
  if (!rolling) return kept;
  const unavailable = scaledValue(strategy?.rollingUpdate?.maxUnavailable, desired, 'up') ?? (surge > 0 ? 0 : 1);
  const going = new Set(kept.remove);
  const settled = places
    .filter((place) => place.run)
    .map((place) => ({ ...place, pods: place.pods.filter((pod) => !going.has(pod)) }));
  const rolled =
    surge > 0 ? rollWithSurge(observed, settled, surge) : rollInPlace(observed, settled, Math.max(unavailable, 1));
  return {
    create: [...new Set([...kept.create, ...rolled.create])],
    remove: [...kept.remove, ...rolled.remove],
    ended: kept.ended,
  };
}

/** One pod on every node that wants one, none where none may stay. Pods that have ended make room. */
function placeEach(observed: Observed, places: readonly Place[], surge: number): Plan {
  const create: string[] = [];
  const remove: Pod[] = [];
  const ended: Pod[] = [];
  for (const place of places) {
    if (!place.stay) {
      remove.push(...place.pods.filter((pod) => !isDeleting(pod)));
      continue;
    }
    if (place.run && place.pods.length === 0) create.push(place.node.metadata.name);
    const over = place.pods.filter((pod) => isFinished(pod) && !isDeleting(pod));
    ended.push(...over);
    remove.push(
      ...over,
      ...surplusOf(
        observed,
        place.pods.filter((pod) => !isFinished(pod) && !isDeleting(pod)),
        surge,
      ),
    );
  }
  const nodes = new Set(observed.nodes.map((node) => node.metadata.name));
  const stray = observed.pods.filter((pod) => !nodes.has(targetOf(pod) ?? '') && !isDeleting(pod) && !isPlaced(pod));
  return { create, remove: [...remove, ...stray], ended };
}

/** All but the oldest pod; with a surge one of the old template and one of the new may be there together. */
function surplusOf(observed: Observed, live: readonly Pod[], surge: number): readonly Pod[] {
  if (live.length <= 1) return [];
  if (surge === 0) return live.slice(1);
  const updated = live.filter((pod) => isUpdated(pod, observed.hash));
  const old = live.filter((pod) => !isUpdated(pod, observed.hash));
  return [...updated.slice(1), ...old.slice(1)];
}

const isUpdated = (pod: Pod, hash: string): boolean => pod.metadata.labels?.[revisionLabel] === hash;
const available = (observed: Observed, pod: Pod | undefined): boolean =>
  pod !== undefined && !isDeleting(pod) && isAvailable(pod, observed.set.spec.minReadySeconds ?? 0, observed.now);

function rollInPlace(
  observed: Observed,
  places: readonly Place[],
  maxUnavailable: number,
): { readonly create: readonly string[]; readonly remove: readonly Pod[] } {
  let unavailable = 0;
  const replaceable: Pod[] = [];
  const candidates: Pod[] = [];
  for (const place of places) {
    const updated = place.pods.find((pod) => isUpdated(pod, observed.hash));
    const old = place.pods.find((pod) => !isUpdated(pod, observed.hash));
    if (old === undefined || updated !== undefined) {
      if (!available(observed, updated)) unavailable += 1;
    } else if (!available(observed, old)) {
      unavailable += 1;
      // A pod that serves nobody may be replaced in spite of the bound.
      if (!isDeleting(old)) replaceable.push(old);
    } else candidates.push(old);
  }
  return { create: [], remove: [...replaceable, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

function rollWithSurge(
  observed: Observed,
  places: readonly Place[],
  maxSurge: number,
): { readonly create: readonly string[]; readonly remove: readonly Pod[] } {
  const create: string[] = [];
  const remove: Pod[] = [];
  let surging = 0;
  const waiting: string[] = [];
  for (const place of places) {
    const updated = place.pods.find((pod) => isUpdated(pod, observed.hash) && !isDeleting(pod));
    const old = place.pods.find((pod) => !isUpdated(pod, observed.hash) && !isDeleting(pod));
    if (old === undefined) continue;
    if (updated === undefined) {
      if (available(observed, old)) waiting.push(place.node.metadata.name);
      else create.push(place.node.metadata.name);
    } else if (!isReady(old) || available(observed, updated)) remove.push(old);
    else surging += 1;
  }
  return { create: [...create, ...waiting.slice(0, Math.max(0, maxSurge - surging))], remove };
}

/** The status that nodes and pods call for. */
export function statusOf(observed: Observed, collisionCount: number | undefined): DaemonSetStatus {
  const { set, hash, now } = observed;
  const places = placesOf(observed);
  const wanted = places.filter((place) => place.run);
  const oldest = wanted.flatMap((place) => place.pods.slice(0, 1));
  const count = (test: (pod: Pod) => boolean): number => oldest.filter(test).length;
  const numberAvailable = count((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
  const updated = count((pod) => isUpdated(pod, hash));
  const unavailable = wanted.length - numberAvailable;
  return {
    currentNumberScheduled: oldest.length,
    numberMisscheduled: places.filter((place) => !place.run && place.pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: count(isReady),
    observedGeneration: set.metadata.generation,
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(numberAvailable === 0 ? {} : { numberAvailable }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    collisionCount,
    conditions: set.status?.conditions,
  };
}
