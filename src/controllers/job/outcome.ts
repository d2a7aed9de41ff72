/** Decides whether a Job is complete or has failed. */
import { type JobCondition, findCondition, type Job, parseTime, type Pod } from '../../api/index.ts';
import { type Counts, totals } from './counting.ts';
import { isIndexed, parseIndexes } from './job.ts';

/** How a job ends, in Kubernetes' words. */
export interface Ending {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** The interim condition that announces an ending while pods still run. */
const announcing: Readonly<Record<Ending['type'], string>> = {
  Complete: 'SuccessCriteriaMet',
  Failed: 'FailureTarget',
};
export const announcementOf = (ending: Ending): string => announcing[ending.type];

/** The ending that is announced already: it is never taken back. */
function announced(conditions: readonly JobCondition[] | undefined): Ending | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    const condition = findCondition(conditions, announcing[type]);
    if (condition?.status === 'True') return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
  }
  return undefined;
}

/** Whether the job is over. */
export function finishedCondition(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(
    (condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True',
  );
}

interface OutcomeQuestion {
  readonly job: Job;
  readonly counts: Counts;
  readonly pods: readonly Pod[];
  readonly active: number;
  readonly now: number;
}

/** How the job ends, if it does now. */
export function endingOf(question: OutcomeQuestion): Ending | undefined {
  const { job, counts } = question;
  return (
    announced(job.status?.conditions) ?? failureOf(question) ?? successByPolicy(job, counts) ?? completionOf(question)
  );
}

function failureOf(question: OutcomeQuestion): Ending | undefined {
  const { job, counts } = question;
  const failed = (reason: string, message: string): Ending => ({ type: 'Failed', reason, message });
  if (counts.failJob !== undefined) return failed('PodFailurePolicy', counts.failJob);
  if (totals(counts).failed > (job.spec.backoffLimit ?? 6) || restartsSpent(question))
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  if (deadlinePassed(question)) return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (job.spec.backoffLimitPerIndex === undefined) return undefined;
  if (job.spec.maxFailedIndexes !== undefined && counts.failedIndexes.size > job.spec.maxFailedIndexes)
    return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  const over =
    counts.failedIndexes.size > 0 &&
    counts.failedIndexes.size + counts.completedIndexes.size >= (job.spec.completions ?? 0);
  return over ? failed('FailedIndexes', 'Job has failed indexes') : undefined;
}

/** With restartPolicy OnFailure the restarts within pods are counted. */
function restartsSpent(question: OutcomeQuestion): boolean {
  const { job, pods } = question;
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const running = pods.filter((pod) => pod.status?.phase === 'Running' || pod.status?.phase === 'Pending');
  const restarts = running
    .flatMap((pod) => [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])])
    .reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function deadlinePassed(question: OutcomeQuestion): boolean {
  const afterMs = deadlineAfterMs(question.job, question.now);
  return afterMs !== undefined && afterMs <= 0;
}

/** How long the job may still be active, in ms. */
export function deadlineAfterMs(job: Job, now: number): number | undefined {
  const started = parseTime(job.status?.startTime);
  const seconds = job.spec.activeDeadlineSeconds;
  return started === undefined || seconds === undefined || job.spec.suspend === true
    ? undefined
    : started + seconds * 1000 - now;
}

function successByPolicy(job: Job, counts: Counts): Ending | undefined {
  for (const [index, rule] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const wanted =
      rule.succeededIndexes === undefined ? undefined : parseIndexes(rule.succeededIndexes, job.spec.completions);
    const matched =
      wanted === undefined
        ? counts.completedIndexes
        : new Set([...wanted].filter((one) => counts.completedIndexes.has(one)));
    const needed = rule.succeededCount ?? wanted?.size ?? Number.POSITIVE_INFINITY;
    if (matched.size >= needed)
      return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${String(index)}` };
  }
  return undefined;
}

function completionOf(question: OutcomeQuestion): Ending | undefined {
  const { job, counts, active } = question;
  const { succeeded } = totals(counts);
  const { completions } = job.spec;
  const done =
    completions === undefined
      ? succeeded > 0 && active === 0
      : isIndexed(job)
        ? counts.completedIndexes.size >= completions
        : succeeded >= completions && active === 0;
  return done
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}
