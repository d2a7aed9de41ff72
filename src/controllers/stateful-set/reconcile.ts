/** Decides which pod of a StatefulSet is made, deleted or waited for next. */
import { isFinished, isReady, type Pod, type StatefulSet, type StatefulSetStatus } from '../../api/index.ts';
import { isAvailable } from '../workload/index.ts';
import { ordinalOf, replicasOf, revisionLabel, startOf } from './stateful-set.ts';

export interface Observed {
  readonly set: StatefulSet;
  /** Pods that the set owns. */
  readonly pods: readonly Pod[];
  /** Names of the revisions: the one that was rolled out last, and the one to roll out. */
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly now: number;
}

interface Plan {
  /** Pods that are there: their claims and labels are put right before anything is removed. */
  readonly maintain: readonly Pod[];
  readonly create: readonly { readonly ordinal: number; readonly revision: string }[];
  readonly remove: readonly Pod[];
}

const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod);
const isHealthy = (pod: Pod): boolean => isRunningAndReady(pod) && !isTerminating(pod);
const nothing: Plan = { maintain: [], create: [], remove: [] };

/** The next step of a set: one pod at a time in the order of ordinals, or all at once with the Parallel policy. */
export function planStatefulSet(observed: Observed): Plan {
  const { set } = observed;
  if (set.metadata.deletionTimestamp !== undefined) return nothing;
  const ordered = set.spec.podManagementPolicy !== 'Parallel';
  const slots = slotsOf(observed);
  const scaled = planReplicas(observed, slots.replicas, ordered);
  if (scaled.wait) return scaled.plan;
  const condemned = planCondemned(slots, ordered);
  const maintain = [...scaled.plan.maintain, ...slots.condemned];
  const remove = [...scaled.plan.remove, ...condemned.remove];
  if (condemned.wait || scaled.plan.create.length > 0 || remove.length > 0)
    return { maintain, create: scaled.plan.create, remove };
  return { maintain, create: [], remove: planUpdate(observed, slots.replicas) };
}

interface Slots {
  /** By ordinal from the start; a missing pod is undefined. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Pods beyond the wished number, the highest ordinal first. */
  readonly condemned: readonly Pod[];
}

function slotsOf(observed: Observed): Slots {
  const { set, pods } = observed;
  const start = startOf(set);
  const replicas = new Array<Pod | undefined>(replicasOf(set)).fill(undefined);
  const condemned: { readonly ordinal: number; readonly pod: Pod }[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (ordinal >= start && ordinal < start + replicas.length) replicas[ordinal - start] = pod;
    else condemned.push({ ordinal, pod });
  }
  return { replicas, condemned: condemned.sort((a, b) => b.ordinal - a.ordinal).map((entry) => entry.pod) };
}

/**
 * Makes what is missing and replaces what has ended; in order, each pod waits for its predecessor to be available.
 * `wait`: nothing else is done before this step has shown its effect.
 */
function planReplicas(
  observed: Observed,
  replicas: readonly (Pod | undefined)[],
  ordered: boolean,
): { readonly plan: Plan; readonly wait: boolean } {
  const { set, now } = observed;
  const create: { readonly ordinal: number; readonly revision: string }[] = [];
  const remove: Pod[] = [];
  const maintain: Pod[] = [];
  const plan: Plan = { maintain, create, remove };
  let wait = false;
  for (const [index, pod] of replicas.entries()) {
    if (pod === undefined) {
      create.push({ ordinal: startOf(set) + index, revision: revisionFor(observed, index) });
      if (ordered) return { plan, wait: true };
    } else if (isFinished(pod)) {
      if (!isTerminating(pod)) remove.push(pod);
      if (ordered) return { plan, wait: true };
      wait = true;
    } else {
      const blocks =
        ordered &&
        (isTerminating(pod) || !isRunningAndReady(pod) || !isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
      if (!blocks || pod.status?.phase === 'Pending') maintain.push(pod);
      if (blocks) return { plan, wait: true };
    }
  }
  return { plan, wait };
}

/** Below the partition pods stay with the revision that was rolled out last. */
function revisionFor(observed: Observed, index: number): string {
  const { set, currentRevision, updateRevision } = observed;
  const strategy = set.spec.updateStrategy;
  if (strategy?.type !== undefined && strategy.type !== 'RollingUpdate') return updateRevision;
  const kept =
    strategy?.rollingUpdate === undefined
      ? (set.status?.currentReplicas ?? 0)
      : (strategy.rollingUpdate.partition ?? 0);
  return index < kept ? currentRevision : updateRevision;
}

function planCondemned(slots: Slots, ordered: boolean): { readonly remove: readonly Pod[]; readonly wait: boolean } {
  const all = [...slots.replicas.filter((pod) => pod !== undefined), ...[...slots.condemned].reverse()];
  const firstUnhealthy = all.find((pod) => !isHealthy(pod));
  const remove: Pod[] = [];
  for (const pod of slots.condemned) {
    if (isTerminating(pod)) {
      if (ordered) return { remove, wait: true };
      continue;
    }
    if (ordered && !isRunningAndReady(pod) && pod !== firstUnhealthy) return { remove, wait: true };
    remove.push(pod);
    if (ordered) return { remove, wait: true };
  }
  return { remove, wait: false };
}

/** Replaces the highest pod of an old revision, down to the partition; each must be healthy before the next. */
function planUpdate(observed: Observed, replicas: readonly (Pod | undefined)[]): readonly Pod[] {
  const { set, updateRevision } = observed;
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let index = replicas.length - 1; index >= partition; index--) {
    const pod = replicas[index];
    if (pod === undefined) return [];
    if (pod.metadata.labels?.[revisionLabel] !== updateRevision && !isTerminating(pod)) return [pod];
    if (!isHealthy(pod)) return [];
  }
  return [];
}

/**
 * The status that the pods call for; when every pod is of the update revision and ready, it becomes the current one.
 */
export function statusOf(observed: Observed, collisionCount: number): StatefulSetStatus {
  const { set, pods, currentRevision, updateRevision, now } = observed;
  const own = pods.filter((pod) => ordinalOf(set, pod) !== undefined);
  const ready = own.filter(isRunningAndReady);
  const available = ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length;
  const ofRevision = (name: string): number =>
    own.filter((pod) => !isTerminating(pod) && pod.metadata.labels?.[revisionLabel] === name).length;
  const updated = ofRevision(updateRevision);
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const complete = rolling && updated === own.length && ready.length === own.length && own.length === replicasOf(set);
  const current = complete ? updated : ofRevision(currentRevision);
  return {
    observedGeneration: set.metadata.generation,
    replicas: own.length,
    ...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
    ...(current === 0 ? {} : { currentReplicas: current }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    currentRevision: complete ? updateRevision : currentRevision,
    updateRevision,
    collisionCount,
    conditions: set.status?.conditions,
    availableReplicas: available,
  };
}
