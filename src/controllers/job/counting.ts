/** Counts how the pods of a Job ended, each end once. */
import { isActive, type Job, type Pod } from '../../api/index.ts';
import { judge } from './failure-policy.ts';
import {
  allFailures,
  failuresBefore,
  type IndexFailures,
  indexOf,
  isIndexed,
  isTracked,
  noFailures,
  parseIndexes,
} from './job.ts';

/** The ends of a job's pods, counted exactly once each. */
export interface Counts {
  /** Counted for good: their pods are free. */
  readonly succeeded: number;
  readonly failed: number;
  /** Ends that are written down while their pods are still held. */
  readonly uncountedSucceeded: readonly string[];
  readonly uncountedFailed: readonly string[];
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Ended pods whose hold is released once the status is written. */
  readonly release: readonly Pod[];
  /**
   * By index: the last failure, which is held uncounted until its replacement has taken over the index's number of
   * failures.
   */
  readonly delayed: ReadonlyMap<number, Pod>;
  /** How many of those count as failed. */
  readonly delayedFailed: number;
  /** A rule of the failure policy that ends the job. */
  readonly failJob: string | undefined;
}

/** Whether a pod counts as failed. One that is being deleted does too, unless only real failures are replaced. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (pod.status?.phase === 'Succeeded' || pod.metadata.deletionTimestamp === undefined) return false;
  return job.spec.podReplacementPolicy !== 'Failed' && job.spec.podFailurePolicy === undefined;
}

/** Counts ends. `finishing`: the job is over, so pods that still run count as failed. */
export function countEnds(job: Job, pods: readonly Pod[], finishing: boolean): Counts {
  const status = job.status ?? {};
  const held = new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid));
  const before = status.uncountedTerminatedPods ?? {};
  const settledSucceeded = (before.succeeded ?? []).filter((uid) => !held.has(uid)).length;
  const settledFailed = (before.failed ?? []).filter((uid) => !held.has(uid)).length;
  const uncountedSucceeded = (before.succeeded ?? []).filter((uid) => held.has(uid));
  const uncountedFailed = (before.failed ?? []).filter((uid) => held.has(uid));
  const completedIndexes = new Set(parseIndexes(status.completedIndexes, job.spec.completions));
  const failedIndexes = new Set(parseIndexes(status.failedIndexes, job.spec.completions));
  const tracked = pods.filter(isTracked);
  for (const pod of tracked) {
    const index = indexOf(pod);
    if (index === undefined || !inRange(job, pod)) continue;
    if (pod.status?.phase === 'Succeeded' && isIndexed(job)) completedIndexes.add(index);
    else if (isFailed(job, pod) && indexHasFailed(job, pod)) failedIndexes.add(index);
  }
  for (const index of completedIndexes) failedIndexes.delete(index);
  const delayed = finishing ? new Map<number, Pod>() : delayedPods(job, pods, { completedIndexes, failedIndexes });
  const ended = tracked.filter((pod) => pod.status?.phase === 'Succeeded' || isFailed(job, pod) || finishing);
  const release = ended.filter((pod) => delayed.get(indexOf(pod) ?? -1) !== pod);
  let failJob: string | undefined;
  for (const pod of ended) {
    const { uid } = pod.metadata;
    if (uncountedFailed.includes(uid) || uncountedSucceeded.includes(uid)) continue;
    if (pod.status?.phase === 'Succeeded') {
      if (!isIndexed(job)) uncountedSucceeded.push(uid);
      continue;
    }
    const verdict = judge(job, pod);
    if (verdict.action === 'FailJob') failJob ??= verdict.message;
    if (verdict.action !== 'Ignore' && release.includes(pod) && (!isIndexed(job) || inRange(job, pod)))
      uncountedFailed.push(uid);
  }
  return {
    succeeded: isIndexed(job) ? completedIndexes.size : (status.succeeded ?? 0) + settledSucceeded,
    failed: (status.failed ?? 0) + settledFailed,
    uncountedSucceeded,
    uncountedFailed,
    completedIndexes,
    failedIndexes,
    release,
    delayed,
    delayedFailed: [...delayed.values()].filter((pod) => judge(job, pod).action !== 'Ignore').length,
    failJob,
  };
}

function inRange(job: Job, pod: Pod): boolean {
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec.completions ?? 0);
}

function indexHasFailed(job: Job, pod: Pod): boolean {
  const limit = job.spec.backoffLimitPerIndex;
  const { action } = judge(job, pod);
  return (
    limit !== undefined && (action === 'FailIndex' || (action !== 'Ignore' && failuresBefore(pod).counted >= limit))
  );
}

/** With a limit by index: the newest failed pod of each index that will be retried and has no pod yet. */
function delayedPods(
  job: Job,
  pods: readonly Pod[],
  done: Pick<Counts, 'completedIndexes' | 'failedIndexes'>,
): ReadonlyMap<number, Pod> {
  const delayed = new Map<number, Pod>();
  if (job.spec.backoffLimitPerIndex === undefined) return delayed;
  const working = new Set(pods.filter(isActive).map(indexOf));
  for (const pod of pods.filter((one) => isTracked(one) && isFailed(job, one) && inRange(job, one))) {
    const index = indexOf(pod) ?? -1;
    if (done.completedIndexes.has(index) || done.failedIndexes.has(index) || working.has(index)) continue;
    const known = delayed.get(index);
    if (known === undefined || allFailures(failuresBefore(known)) <= allFailures(failuresBefore(pod)))
      delayed.set(index, pod);
  }
  return delayed;
}

/** How often an index has failed by now; its last pod is held until another takes the number over. */
export function failuresOfIndex(job: Job, { delayed }: Pick<Counts, 'delayed'>, index: number): IndexFailures {
  const last = delayed.get(index);
  if (last === undefined) return noFailures;
  const { counted, ignored } = failuresBefore(last);
  return judge(job, last).action === 'Ignore' ? { counted, ignored: ignored + 1 } : { counted: counted + 1, ignored };
}

/** All ends so far, those whose pods are still held included. */
export function totals(counts: Counts): { readonly succeeded: number; readonly failed: number } {
  return {
    succeeded: counts.succeeded + counts.uncountedSucceeded.length,
    failed: counts.failed + counts.uncountedFailed.length + counts.delayedFailed,
  };
}

/** Pods that work, and pods that are on their way out. */
export function livePods(
  job: Job,
  pods: readonly Pod[],
): { readonly active: readonly Pod[]; readonly terminating: readonly Pod[] } {
  const completed = parseIndexes(job.status?.completedIndexes, job.spec.completions);
  return {
    active: pods.filter(
      (pod) => isActive(pod) && !(isIndexed(job) && completed.has(indexOf(pod) ?? -1) && !isTracked(pod)),
    ),
    terminating: pods.filter(
      (pod) =>
        pod.metadata.deletionTimestamp !== undefined &&
        pod.status?.phase !== 'Succeeded' &&
        pod.status?.phase !== 'Failed',
    ),
  };
}
