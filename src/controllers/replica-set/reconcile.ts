/** Decides how many pods a ReplicaSet makes or deletes, and what it reports. */
import { withCondition } from '../runtime/index.ts';
import {
  findCondition,
  isActive,
  isReady,
  type Pod,
  type ReplicaSet,
  type ReplicaSetStatus,
  withoutCondition,
} from '../../api/index.ts';
import { isAvailable, podsToDelete } from '../workload/index.ts';

/** Pods that one reconciliation creates or deletes at most. */
const burstPods = 500;

interface Observed {
  readonly set: ReplicaSet;
  /** Pods that the set owns and that are active. */
  readonly pods: readonly Pod[];
  /** Active pods of the same workload (of all sets of the set's owner). */
  readonly related: readonly Pod[];
  readonly now: number;
}

export interface Plan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/**
 * How many pods to make, or which to delete, so that the set has its replicas. A set that is being deleted does
 * neither.
 */
export function planReplicas(observed: Observed): Plan {
  const { set, pods, related, now } = observed;
  if (set.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [] };
  const missing = (set.spec.replicas ?? 1) - pods.length;
  if (missing > 0) return { create: Math.min(missing, burstPods), remove: [] };
  return {
    create: 0,
    remove: missing === 0 ? [] : podsToDelete(pods, Math.min(-missing, burstPods), { related, now }),
  };
}

/** What went wrong in this reconciliation, for the ReplicaFailure condition. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** The status that the pods and the last failure call for; as in Kubernetes, zeros of optional fields are absent. */
export function statusOf(observed: Observed, failure: ReplicaFailure | undefined): ReplicaSetStatus {
  const { set, pods, now } = observed;
  const active = pods.filter(isActive);
  const wanted = set.spec.template.metadata?.labels ?? {};
  const fullyLabeled = active.filter((pod) =>
    Object.entries(wanted).every(([name, value]) => pod.metadata.labels?.[name] === value),
  ).length;
  const ready = active.filter(isReady).length;
  const available = active.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length;
  const conditions = failureCondition(set, failure, now);
  return {
    replicas: active.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    observedGeneration: set.metadata.generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function failureCondition(
  set: ReplicaSet,
  failure: ReplicaFailure | undefined,
  now: number,
): NonNullable<ReplicaSetStatus['conditions']> {
  const conditions = set.status?.conditions ?? [];
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  if (findCondition(conditions, 'ReplicaFailure') !== undefined) return conditions;
  return withCondition(
    conditions,
    { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message: failure.message },
    now,
  );
}
