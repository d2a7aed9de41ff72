/** How a pod ended, and when. */
import { findCondition, type Job, parseTime, type Pod } from '../../api/index.ts';
import { isFailed } from './counting.ts';

/** How and when a pod of a job ended. */
export interface PodEnd {
  readonly uid: string;
  readonly at: number;
  readonly failed: boolean;
}

/** When a pod ended: by its containers, else by its readiness, else by its deletion. */
export function endTime(pod: Pod): number {
  const statuses = pod.status?.containerStatuses ?? [];
  const times = statuses.flatMap((status) => parseTime(status.state?.terminated?.finishedAt) ?? []);
  if (times.length > 0 && times.length === statuses.length) return Math.max(...times);
  const ready = findCondition(pod.status?.conditions, 'Ready');
  const unready = ready?.status === 'False' ? parseTime(ready.lastTransitionTime) : undefined;
  const deadline = parseTime(pod.metadata.deletionTimestamp);
  const deleted = deadline === undefined ? undefined : deadline - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  return unready ?? deleted ?? parseTime(pod.metadata.creationTimestamp) ?? 0;
}

/** Failures in a row that are remembered; the pause is at its longest long before. */
const failuresMax = 32;

/** Failures since the last success. */
function failuresInRow(ends: readonly PodEnd[]): readonly PodEnd[] {
  const lastSuccess = Math.max(0, ...ends.filter((end) => !end.failed).map((end) => end.at));
  return ends.filter((end) => end.failed && end.at > lastSuccess);
}

/**
 * The ends of each job's pods, also of pods that are gone meanwhile: a failure makes the next pod wait even if nothing
 * is left of it.
 */
export class PodEnds {
  readonly #ends = new Map<string, readonly PodEnd[]>();

  /** Takes note of the pods that have ended, and answers the failures in a row that are known of the job. */
  note(job: Job, pods: readonly Pod[]): readonly PodEnd[] {
    const ended = pods
      .filter((pod) => pod.status?.phase === 'Succeeded' || isFailed(job, pod))
      .map((pod): PodEnd => ({ uid: pod.metadata.uid, at: endTime(pod), failed: pod.status?.phase !== 'Succeeded' }));
    const earlier = (this.#ends.get(job.metadata.uid) ?? []).filter(
      (end) => !ended.some((known) => known.uid === end.uid),
    );
    const failures = failuresInRow([...earlier, ...ended]).slice(-failuresMax);
    if (failures.length === 0) this.#ends.delete(job.metadata.uid);
    else this.#ends.set(job.metadata.uid, failures);
    return failures;
  }

  forget(job: Job): void {
    this.#ends.delete(job.metadata.uid);
  }

  reset(): void {
    this.#ends.clear();
  }
}
