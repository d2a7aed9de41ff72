/** Decides which Jobs a CronJob starts, replaces and deletes. */
import {
  type CronJob,
  type CronJobStatus,
  type Job,
  type ObjectReference,
  parseTime,
  timeText,
} from '../../api/index.ts';
import { finishedCondition } from '../job/outcome.ts';
import { controllerReference, type Note } from '../runtime/index.ts';
import { latestDue, type Schedule, zonedText } from './schedule.ts';

interface Observed {
  readonly cronJob: CronJob;
  /** Jobs that the CronJob controls. */
  readonly jobs: readonly Job[];
  readonly schedule: Schedule | undefined;
  readonly now: number;
}

export interface Plan {
  /** The status before a new Job is made. */
  readonly status: CronJobStatus;
  /** Finished Jobs that are more than are kept. */
  readonly remove: readonly Job[];
  /** Running Jobs that make way for the one that is due. */
  readonly replace: readonly Job[];
  /** The Job that is due, with its time. */
  readonly start: { readonly job: object; readonly scheduledAt: number } | undefined;
  readonly notes: readonly Note[];
  readonly requeueAfterMs?: number;
}

/** Wakes a little after the full minute, so that clocks that differ by little agree that it has come. */
const driftMs = 100;
const missedMax = 100;

/** The next step of a CronJob: account for its Jobs, clean up, and start the Job that is due. */
export function planCronJob(observed: Observed): Plan {
  const { cronJob, jobs, schedule } = observed;
  const notes: Note[] = [];
  const warn = (reason: string, message: string): void => {
    notes.push({ type: 'Warning', reason, message });
  };
  const status = followJobs(cronJob, jobs, notes);
  const base = { status, remove: oldJobs(cronJob, jobs), replace: [], start: undefined, notes };
  if (cronJob.metadata.deletionTimestamp !== undefined || cronJob.spec.suspend === true) return base;
  const text = cronJob.spec.schedule;
  if (text.includes('TZ'))
    warn(
      'UnsupportedSchedule',
      `CRON_TZ or TZ used in schedule ${JSON.stringify(text)} is not officially supported, see ` +
        'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
    );
  if (schedule === undefined) {
    warn('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(text)}`);
    return base;
  }
  const wait = nextWait(observed, schedule);
  if (wait === undefined) {
    warn('InvalidSchedule', `invalid schedule: ${text} : time difference between two schedules is less than 1 second`);
    return base;
  }
  const waiting = { ...base, requeueAfterMs: wait };
  const due = dueTime(observed, schedule, notes);
  if (due === undefined) return waiting;
  const active = status.active ?? [];
  if (cronJob.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    notes.push({
      type: 'Normal',
      reason: 'JobAlreadyActive',
      message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
    });
    return waiting;
  }
  const replace = cronJob.spec.concurrencyPolicy === 'Replace' ? jobs.filter((job) => isActive(status, job)) : [];
  return {
    ...waiting,
    status:
      replace.length === 0
        ? status
        : withActive(
            status,
            active.filter((reference) => !replace.some((job) => job.metadata.uid === reference.uid)),
          ),
    replace,
    start: { job: jobFor(cronJob, due), scheduledAt: due },
  };
}

/** Whether the status says that the Job runs. */
export function isActive(status: CronJobStatus | undefined, job: Job): boolean {
  return status?.active?.some((reference) => reference.uid === job.metadata.uid) === true;
}

/** How long it is until the next Job is due; undefined: none ever is. */
export function nextWait({ cronJob, now }: Pick<Observed, 'cronJob' | 'now'>, schedule: Schedule): number | undefined {
  const earliest = earliestOf(cronJob, now);
  const next = schedule.next(latestDue(schedule, earliest, now).latest ?? earliest);
  return next === undefined ? undefined : next - now + driftMs;
}

/** The time after which Jobs are due. */
function earliestOf(cronJob: CronJob, now: number): number {
  return parseTime(cronJob.status?.lastScheduleTime) ?? parseTime(cronJob.metadata.creationTimestamp) ?? now;
}

function withActive(status: CronJobStatus, active: readonly ObjectReference[]): CronJobStatus {
  const { active: _active, ...rest } = status;
  return active.length === 0 ? rest : { ...rest, active };
}

/** The status once a Job was started. */
export function startedStatus(status: CronJobStatus, { metadata }: Job, scheduledAt: number): CronJobStatus {
  const { namespace, name, uid, resourceVersion } = metadata;
  const reference = {
    kind: 'Job',
    namespace,
    name,
    uid,
    apiVersion: 'batch/v1',
    resourceVersion,
  };
  return { ...withActive(status, [...(status.active ?? []), reference]), lastScheduleTime: timeText(scheduledAt) };
}

/** Drops finished and lost Jobs from the active ones, and notes the last success. */
function followJobs(cronJob: CronJob, jobs: readonly Job[], notes: Note[]): CronJobStatus {
  const status = cronJob.status ?? {};
  let lastSuccess = parseTime(status.lastSuccessfulTime);
  for (const job of jobs) {
    const over = finishedCondition(job);
    if (isActive(status, job) && over !== undefined)
      notes.push({
        type: 'Normal',
        reason: 'SawCompletedJob',
        message: `Saw completed job: ${job.metadata.name}, condition: ${over.type}`,
      });
    if (!isActive(status, job) && over === undefined)
      notes.push({
        type: 'Warning',
        reason: 'UnexpectedJob',
        message: `Saw a job that the controller did not create or forgot: ${job.metadata.name}`,
      });
    const at = over?.type === 'Complete' ? parseTime(job.status?.completionTime) : undefined;
    if (at !== undefined && at > (lastSuccess ?? 0)) lastSuccess = at;
  }
  const active = (status.active ?? []).filter((reference) => {
    const job = jobs.find((candidate) => candidate.metadata.uid === reference.uid);
    if (job === undefined)
      notes.push({ type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${reference.name ?? ''}` });
    return job !== undefined && finishedCondition(job) === undefined;
  });
  return withActive(
    { ...status, ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: timeText(lastSuccess) }) },
    active,
  );
}

function oldJobs(cronJob: CronJob, jobs: readonly Job[]): readonly Job[] {
  const beyond = (type: string, limit: number | undefined): readonly Job[] => {
    if (limit === undefined) return [];
    const ended = jobs.filter(
      (job) => finishedCondition(job)?.type === type && job.metadata.deletionTimestamp === undefined,
    );
    const startOf = (job: Job): number => parseTime(job.status?.startTime) ?? Number.MAX_SAFE_INTEGER;
    return [...ended]
      .sort((a, b) => startOf(a) - startOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
      .slice(0, Math.max(0, ended.length - limit));
  };
  return [
    ...beyond('Complete', cronJob.spec.successfulJobsHistoryLimit),
    ...beyond('Failed', cronJob.spec.failedJobsHistoryLimit),
  ];
}

/** The time for which a Job is to be started now. */
function dueTime(observed: Observed, schedule: Schedule, notes: Note[]): number | undefined {
  const { cronJob, now } = observed;
  const last = parseTime(cronJob.status?.lastScheduleTime);
  const deadlineMs =
    cronJob.spec.startingDeadlineSeconds === undefined ? undefined : cronJob.spec.startingDeadlineSeconds * 1000;
  const earliest = earliestOf(cronJob, now);
  const since = deadlineMs === undefined ? earliest : Math.max(earliest, now - deadlineMs);
  const { latest, missed } = latestDue(schedule, since, now);
  if (latest === undefined) return undefined;
  if (missed > missedMax)
    notes.push({
      type: 'Warning',
      reason: 'TooManyMissedTimes',
      message: `too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew`,
    });
  if (deadlineMs !== undefined && latest + deadlineMs < now) {
    notes.push({
      type: 'Warning',
      reason: 'MissSchedule',
      message: `Missed scheduled time to start a job: ${new Date(latest).toUTCString().replace('GMT', '+0000')}`,
    });
    return undefined;
  }
  const name = jobName(cronJob, latest);
  const started = latest === last || (cronJob.status?.active ?? []).some((reference) => reference.name === name);
  return started ? undefined : latest;
}

/** The name follows from the time: starting the same run twice gives one Job. */
export function jobName(cronJob: CronJob, scheduledAt: number): string {
  return `${cronJob.metadata.name}-${String(Math.floor(scheduledAt / 60_000))}`;
}

function jobFor(cronJob: CronJob, scheduledAt: number): object {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, scheduledAt),
      namespace: cronJob.metadata.namespace,
      labels: metadata?.labels,
      annotations: {
        ...metadata?.annotations,
        'batch.kubernetes.io/cronjob-scheduled-timestamp': zonedText(scheduledAt, cronJob.spec.timeZone ?? 'UTC'),
      },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  };
}
