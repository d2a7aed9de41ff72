/** Decides what a Deployment reports of its rollout. */
import { withCondition } from '../runtime/index.ts';
import {
  type DeploymentCondition,
  type Deployment,
  type DeploymentStatus,
  findCondition,
  parseTime,
  type ReplicaSet,
  timeText,
  withoutCondition,
} from '../../api/index.ts';
import { boundsOf, replicasOf, total } from './deployment.ts';

/** What the rollout has come to, as the status needs it. */
export interface Rollout {
  readonly deployment: Deployment;
  readonly sets: readonly ReplicaSet[];
  readonly newSet: ReplicaSet | undefined;
  readonly now: number;
  /** Conditions so far; the planner may have added to the deployment's. */
  readonly conditions: readonly DeploymentCondition[];
}

const available = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;
const present = (set: ReplicaSet): number => set.status?.replicas ?? 0;

/** "No deadline" is the largest 32-bit number. */
export function hasDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== 2_147_483_647;
}

/** The numbers and the Available condition. */
export function countStatus(rollout: Rollout): DeploymentStatus {
  const { deployment, sets, newSet, now } = rollout;
  const availableReplicas = total(sets, available);
  const unavailable = Math.max(0, total(sets, replicasOf) - availableReplicas);
  const ready = total(sets, (set) => set.status?.readyReplicas ?? 0);
  const updated = newSet === undefined ? 0 : present(newSet);
  const replicas = total(sets, present);
  const enough = availableReplicas >= replicasOf(deployment) - boundsOf(deployment).maxUnavailable;
  const condition = enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return {
    observedGeneration: deployment.metadata.generation,
    ...(replicas === 0 ? {} : { replicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(availableReplicas === 0 ? {} : { availableReplicas }),
    ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
    conditions: withCondition(rollout.conditions, { ...condition, lastUpdateTime: timeText(now) }, now),
    collisionCount: deployment.status?.collisionCount,
  };
}

/** Whether the rollout is over: every pod is of the new set and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function madeProgress(old: DeploymentStatus, status: DeploymentStatus): boolean {
  const oldPods = (from: DeploymentStatus): number => (from.replicas ?? 0) - (from.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldPods(status) < oldPods(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function deadlineOf(
  deployment: Deployment,
  conditions: readonly DeploymentCondition[] | undefined,
): number | undefined {
  const progressing = findCondition(conditions, 'Progressing');
  const from = parseTime(progressing?.lastUpdateTime) ?? parseTime(progressing?.lastTransitionTime);
  return from === undefined || !hasDeadline(deployment)
    ? undefined
    : from + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000;
}

function hasTimedOut(
  deployment: Deployment,
  conditions: readonly DeploymentCondition[] | undefined,
  now: number,
): boolean {
  const progressing = findCondition(conditions, 'Progressing');
  if (progressing === undefined || progressing.reason === 'NewReplicaSetAvailable') return false;
  if (progressing.reason === 'ProgressDeadlineExceeded') return true;
  const deadline = deadlineOf(deployment, conditions);
  return deadline !== undefined && deadline < now;
}

/** The status during a rollout, with the Progressing and ReplicaFailure conditions. */
export function rolloutStatus(rollout: Rollout): {
  readonly status: DeploymentStatus;
  readonly requeueAfterMs?: number;
} {
  const counted = countStatus(rollout);
  const { deployment, now } = rollout;
  let conditions = counted.conditions ?? [];
  if (!hasDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing');
  const current = findCondition(conditions, 'Progressing');
  const settled =
    (counted.replicas ?? 0) === (counted.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (hasDeadline(deployment) && !settled) conditions = progress(rollout, counted, conditions);
  conditions = replicaFailure(rollout, conditions);
  const status = { ...counted, conditions };
  const deadline = deadlineOf(deployment, conditions);
  const waiting =
    !isComplete(deployment, status) && !hasTimedOut(deployment, conditions, now) && deadline !== undefined;
  return waiting ? { status, requeueAfterMs: Math.max(1_000, deadline - now + 1_000) } : { status };
}

function progress(
  rollout: Rollout,
  counted: DeploymentStatus,
  conditions: readonly DeploymentCondition[],
): readonly DeploymentCondition[] {
  const { deployment, newSet, now } = rollout;
  const { name } = (newSet ?? deployment).metadata;
  const subject = `${newSet === undefined ? 'Deployment' : 'ReplicaSet'} "${name}"`;
  const draft = (status: 'True' | 'False', reason: string, what: string): DeploymentCondition => ({
    type: 'Progressing',
    status,
    reason,
    message: `${subject} ${what}`,
    lastUpdateTime: timeText(now),
  });
  if (isComplete(deployment, counted))
    return withCondition(conditions, draft('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), now);
  if (madeProgress(deployment.status ?? {}, counted)) {
    const current = findCondition(conditions, 'Progressing');
    const lastTransitionTime =
      current?.status === 'True' ? (current.lastTransitionTime ?? timeText(now)) : timeText(now);
    const condition = { ...draft('True', 'ReplicaSetUpdated', 'is progressing.'), lastTransitionTime };
    return [...withoutCondition(conditions, 'Progressing'), condition];
  }
  if (hasTimedOut(deployment, deployment.status?.conditions, now))
    return withCondition(conditions, draft('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), now);
  return conditions;
}

/** Takes over a set's ReplicaFailure: the new set's first, else that of an old one. */
function replicaFailure(rollout: Rollout, conditions: readonly DeploymentCondition[]): readonly DeploymentCondition[] {
  const failureIn = (set: ReplicaSet | undefined): DeploymentCondition | undefined =>
    findCondition(set?.status?.conditions, 'ReplicaFailure');
  const found = failureIn(rollout.newSet) ?? rollout.sets.map(failureIn).find((condition) => condition !== undefined);
  if (found === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { now } = rollout;
  return withCondition(
    conditions,
    {
      type: 'ReplicaFailure',
      status: found.status,
      reason: found.reason ?? '',
      message: found.message ?? '',
      lastUpdateTime: timeText(now),
    },
    now,
  );
}
