/** Decides which pods a Job makes, deletes and lets go, and what it reports. */
import { type Note, withCondition } from '../runtime/index.ts';
import {
  findCondition,
  isReady,
  type Job,
  type JobCondition,
  type JobStatus,
  type Pod,
  timeText,
} from '../../api/index.ts';
import { podsToDelete } from '../workload/index.ts';
import { countEnds, type Counts, failuresOfIndex, livePods, totals } from './counting.ts';
import { allFailures, type IndexFailures, indexesText, indexOf, isIndexed, noFailures } from './job.ts';
import { endTime, type PodEnd } from './pod-ends.ts';
import { announcementOf, deadlineAfterMs, type Ending, endingOf, finishedCondition } from './outcome.ts';

interface Observed {
  readonly job: Job;
  /** Pods that the job owns. */
  readonly pods: readonly Pod[];
  /** Failures since the last success, also of pods that are gone. */
  readonly failures: readonly PodEnd[];
  readonly now: number;
}

export interface Plan {
  /** Written first: it holds the ends that are about to be released. */
  readonly status: JobStatus;
  readonly release: readonly Pod[];
  readonly remove: readonly Pod[];
  /** Pods that end with the job, and are held until that is counted as a failure. */
  readonly end?: readonly Pod[] | undefined;
  readonly create: readonly { readonly index: number | undefined; readonly failures: IndexFailures }[];
  /** What turned in this step, for Events. */
  readonly notes: readonly Note[];
  readonly requeueAfterMs?: number;
}

const burstPods = 500;
/** Pause after a failed pod: 10 s, doubling with each failure in a row, at most ten minutes. */
const failurePauseMs = 10_000;
const failurePauseMsMax = 10 * 60_000;

/** The next step of a job. */
export function planJob(observed: Observed): Plan {
  const { job, pods, now } = observed;
  const over = finishedCondition(job);
  if (over !== undefined) return finishedPlan(observed);
  const first = countEnds(job, pods, false);
  const live = livePods(job, pods);
  const ending = endingOf({ job, counts: first, pods, active: live.active.length, now });
  const counts = ending?.type === 'Failed' ? countEnds(job, pods, true) : first;
  if (ending !== undefined) return endingPlan(observed, counts, ending);
  const suspended = job.spec.suspend === true;
  const work = suspended ? { create: [], remove: live.active } : planPods(observed, counts);
  const before = job.status?.conditions ?? [];
  const conditions = suspendConditions(job, before, now);
  const turned: Note = suspended
    ? { type: 'Normal', reason: 'Suspended', message: 'Job suspended' }
    : { type: 'Normal', reason: 'Resumed', message: 'Job resumed' };
  const status = statusOf(observed, counts, { conditions, remove: work.remove, startTime: startTime(job, now) });
  const waits = [deadlineAfterMs(job, now), work.waitMs].filter((wait) => wait !== undefined);
  return {
    status: work.waitMs === undefined ? status : withoutActive(status),
    release: counts.release,
    remove: work.remove,
    create: work.create,
    notes: conditions === before ? [] : [turned],
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) }),
  };
}

/**
 * While a job pauses after a failure, none of its pods counts as active (as in Kubernetes), unless some are ready: the
 * API takes no status with more ready pods than active ones.
 */
function withoutActive(status: JobStatus): JobStatus {
  if ((status.ready ?? 0) > 0) return status;
  const { active: _active, ...rest } = status;
  return rest;
}

/** A finished job only lets go of pods that are still held. */
function finishedPlan(observed: Observed): Plan {
  const { job, pods } = observed;
  const counts = countEnds(job, pods, true);
  return { status: job.status ?? {}, release: counts.release, remove: [], create: [], notes: [] };
}

/** Announces the ending, ends the pods that still run, and finishes once all are gone and counted. */
function endingPlan(observed: Observed, counts: Counts, ending: Ending): Plan {
  const { job, pods, now } = observed;
  const live = livePods(job, pods);
  const announcement = { type: announcementOf(ending), status: 'True', reason: ending.reason, message: ending.message };
  const times = { lastProbeTime: timeText(now) };
  let conditions = withCondition(job.status?.conditions ?? [], { ...announcement, ...times }, now);
  const settled =
    counts.uncountedFailed.length === 0 &&
    counts.uncountedSucceeded.length === 0 &&
    live.terminating.length === 0 &&
    live.active.length === 0;
  if (settled)
    conditions = withCondition(
      conditions,
      { type: ending.type, status: 'True', reason: ending.reason, message: ending.message, ...times },
      now,
    );
  const status = statusOf(observed, counts, { conditions, remove: live.active, startTime: startTime(job, now) });
  return {
    status: settled && ending.type === 'Complete' ? { ...status, completionTime: timeText(now) } : status,
    release: counts.release.filter((pod) => !live.active.includes(pod)),
    remove: [],
    end: live.active,
    create: [],
    notes: settled ? endingNotes(job, ending, status) : [],
  };
}

function endingNotes(job: Job, ending: Ending, status: JobStatus): readonly Note[] {
  if (ending.type === 'Failed') return [{ type: 'Warning', reason: ending.reason, message: ending.message }];
  const completed: Note = { type: 'Normal', reason: 'Completed', message: 'Job completed' };
  if (job.spec.completions === undefined || (status.succeeded ?? 0) <= job.spec.completions) return [completed];
  return [
    {
      type: 'Warning',
      reason: 'TooManySucceededPods',
      message: 'Too many succeeded pods running after completion count reached',
    },
    completed,
  ];
}

function startTime(job: Job, now: number): string | undefined {
  if (job.spec.suspend === true) return job.status?.startTime;
  const resumed = findCondition(job.status?.conditions, 'Suspended')?.status === 'True';
  return resumed ? timeText(now) : (job.status?.startTime ?? timeText(now));
}

function suspendConditions(job: Job, conditions: readonly JobCondition[], now: number): readonly JobCondition[] {
  const current = findCondition(conditions, 'Suspended')?.status === 'True';
  if (job.spec.suspend === true && !current)
    return withCondition(
      conditions,
      {
        type: 'Suspended',
        status: 'True',
        reason: 'JobSuspended',
        message: 'Job suspended',
        lastProbeTime: timeText(now),
      },
      now,
    );
  if (job.spec.suspend !== true && current)
    return withCondition(
      conditions,
      {
        type: 'Suspended',
        status: 'False',
        reason: 'JobResumed',
        message: 'Job resumed',
        lastProbeTime: timeText(now),
      },
      now,
    );
  return conditions;
}

interface Work {
  readonly create: Plan['create'];
  readonly remove: readonly Pod[];
  readonly waitMs?: number;
}

/** Brings the number of working pods to what parallelism and the remaining completions call for. */
function planPods(observed: Observed, counts: Counts): Work {
  const { job, pods, now } = observed;
  const { active, terminating } = livePods(job, pods);
  const parallelism = job.spec.parallelism ?? 1;
  const { succeeded } = totals(counts);
  const remaining =
    job.spec.completions === undefined
      ? succeeded > 0
        ? active.length
        : parallelism
      : job.spec.completions - (isIndexed(job) ? counts.completedIndexes.size + counts.failedIndexes.size : succeeded);
  const wanted = Math.max(0, Math.min(remaining, job.spec.completions === undefined ? remaining : parallelism));
  const surplus = surplusPods(observed, counts, { active, wanted });
  if (surplus.length > 0) return { create: [], remove: surplus };
  const waiting = job.spec.podReplacementPolicy === 'Failed' ? terminating.length : 0;
  const missing = Math.min(wanted - active.length - waiting, burstPods);
  if (missing <= 0) return { create: [], remove: [] };
  const waitMs =
    job.spec.backoffLimitPerIndex === undefined
      ? pauseAfter(observed.failures.length, Math.max(0, ...observed.failures.map((end) => end.at)), now)
      : 0;
  if (waitMs > 0) return { create: [], remove: [], waitMs };
  if (!isIndexed(job))
    return { create: Array.from({ length: missing }, () => ({ index: undefined, failures: noFailures })), remove: [] };
  return createByIndex(observed, counts, freeIndexes(observed, counts, { active, missing }));
}

/** Pods beyond the wished number; of an index only one, and none of an index that is done. */
function surplusPods(
  observed: Observed,
  counts: Counts,
  need: { readonly active: readonly Pod[]; readonly wanted: number },
): readonly Pod[] {
  const { job, now } = observed;
  const seen = new Set<number>();
  const repeated = isIndexed(job)
    ? need.active.filter((pod) => {
        const index = indexOf(pod);
        const wrong =
          index === undefined ||
          index >= (job.spec.completions ?? 0) ||
          seen.has(index) ||
          counts.completedIndexes.has(index) ||
          counts.failedIndexes.has(index);
        if (index !== undefined) seen.add(index);
        return wrong;
      })
    : [];
  const rest = need.active.filter((pod) => !repeated.includes(pod));
  const over = rest.length - need.wanted;
  return over > 0 ? [...repeated, ...podsToDelete(rest, over, { related: [], now })] : repeated;
}

function freeIndexes(
  observed: Observed,
  counts: Counts,
  need: { readonly active: readonly Pod[]; readonly missing: number },
): Plan['create'] {
  const { job, pods } = observed;
  const taken = new Set(need.active.map(indexOf));
  if (job.spec.podReplacementPolicy === 'Failed')
    for (const pod of livePods(job, pods).terminating) taken.add(indexOf(pod));
  const create: { readonly index: number; readonly failures: IndexFailures }[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && create.length < need.missing; index++) {
    if (taken.has(index) || counts.completedIndexes.has(index) || counts.failedIndexes.has(index)) continue;
    create.push({ index, failures: failuresOfIndex(job, counts, index) });
  }
  return create;
}

/** With a limit by index each index pauses by itself. */
function createByIndex({ now }: Observed, counts: Counts, wanted: Plan['create']): Work {
  const pauses = wanted.map(({ index, failures }) => {
    const last = counts.delayed.get(index ?? -1);
    return last === undefined ? 0 : pauseAfter(allFailures(failures), endTime(last), now);
  });
  const create = wanted.filter((_, position) => pauses[position] === 0);
  return create.length > 0 || wanted.length === 0
    ? { create, remove: [] }
    : { create, remove: [], waitMs: pauses.reduce((least, pause) => Math.min(least, pause)) };
}

/** How long to wait before the next pod after failures in a row, of which the last was at `lastAt`. */
function pauseAfter(failures: number, lastAt: number, now: number): number {
  if (failures === 0) return 0;
  const pauseMs = Math.min(failurePauseMs * 2 ** (failures - 1), failurePauseMsMax);
  return Math.max(0, lastAt + pauseMs - now);
}

function statusOf(
  observed: Observed,
  counts: Counts,
  part: {
    readonly conditions: readonly JobCondition[];
    readonly remove: readonly Pod[];
    readonly startTime: string | undefined;
  },
): JobStatus {
  const { job, pods } = observed;
  const live = livePods(job, pods);
  const active = live.active.filter((pod) => !part.remove.includes(pod));
  const completed = indexesText(counts.completedIndexes);
  const failed = indexesText(counts.failedIndexes);
  return {
    ...(part.conditions.length === 0 ? {} : { conditions: part.conditions }),
    startTime: part.startTime,
    ...(active.length === 0 ? {} : { active: active.length }),
    ...(counts.succeeded === 0 ? {} : { succeeded: counts.succeeded }),
    ...(counts.failed === 0 ? {} : { failed: counts.failed }),
    terminating: live.terminating.length,
    ...(completed === '' ? {} : { completedIndexes: completed }),
    failedIndexes: job.spec.backoffLimitPerIndex === undefined ? undefined : failed,
    uncountedTerminatedPods: {
      ...(counts.uncountedSucceeded.length === 0 ? {} : { succeeded: counts.uncountedSucceeded }),
      ...(counts.uncountedFailed.length === 0 ? {} : { failed: counts.uncountedFailed }),
    },
    ready: active.filter(isReady).length,
  };
}
