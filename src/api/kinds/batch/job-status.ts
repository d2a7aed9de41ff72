/** Validates the status of a Job. */

import type { Job, JobStatus, Sent } from '../../objects/index.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  omitValue,
  parseTime,
  required,
  semanticEqual,
  verbatim,
} from '../../machinery/index.ts';
import { nonNegatives } from '../workload.ts';
import { each } from '../checks.ts';
import { countIndexes, overlap } from './indexes.ts';

/**
 * Errors of a job's status. Other controllers than our own may write it (`managedBy`), so what clients rely on is held:
 * an ended job stays ended and is at rest, and counts only grow. A rule is asked only when what it is about changes, so
 * that a status which breaks it already, or does for a moment after a change of the spec, can still be written.
 */
export function jobStatusErrors(job: Sent<Job>, old: Sent<Job>): FieldError[] {
  const change = changeOf(job, old);
  return [
    ...countErrors(change.status),
    ...endErrors(change),
    ...timeErrors(change),
    ...restErrors(change),
    ...indexErrors(change),
    ...historyErrors(change),
  ];
}

interface Change {
  readonly job: Sent<Job>;
  readonly status: Sent<JobStatus>;
  readonly before: Sent<JobStatus>;
  /** Whether one of these fields of the status has another value now. */
  readonly differs: (...fields: readonly (keyof Sent<JobStatus>)[]) => boolean;
  /** Whether a condition is true now, and whether that is new or no longer so. */
  readonly holds: (type: string) => boolean;
  readonly turned: (...types: readonly string[]) => boolean;
  readonly finished: boolean;
  readonly finishedTurned: boolean;
}

const isTrue = (status: Sent<JobStatus>, type: string): boolean =>
  (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
const isFinished = (status: Sent<JobStatus>): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed');

/** The value of a field, where absent numbers and texts that are no pointers upstream are their zero. */
function valueOf(status: Sent<JobStatus>, field: keyof Sent<JobStatus>): unknown {
  return field === 'active'
    ? (status.active ?? 0)
    : field === 'completedIndexes'
      ? (status.completedIndexes ?? '')
      : status[field];
}

function changeOf(job: Sent<Job>, old: Sent<Job>): Change {
  const [status, before] = [job.status ?? {}, old.status ?? {}];
  return {
    job,
    status,
    before,
    differs: (...fields) => fields.some((field) => !semanticEqual(valueOf(status, field), valueOf(before, field))),
    holds: (type) => isTrue(status, type),
    turned: (...types) => types.some((type) => isTrue(status, type) !== isTrue(before, type)),
    finished: isFinished(status),
    finishedTurned: isFinished(status) !== isFinished(before),
  };
}

function countErrors(status: Sent<JobStatus>): FieldError[] {
  const { active, succeeded, failed, ready, terminating, uncountedTerminatedPods } = status;
  return [
    ...nonNegatives('status', { active, succeeded, failed, ready, terminating }),
    ...uncountedErrors(uncountedTerminatedPods),
  ];
}

/** No pod is named twice, neither in one of the lists nor in both. */
function uncountedErrors(uncounted: Sent<JobStatus>['uncountedTerminatedPods']): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    each(`status.uncountedTerminatedPods.${list}`, uncounted?.[list], (uid, at) => {
      if (uid === '') return [invalid(at, uid, 'must not be empty')];
      const errors = seen.has(uid) ? [duplicate(at, uid)] : [];
      seen.add(uid);
      return errors;
    }),
  );
}

const conditionError = (detail: string): FieldError => invalid('status.conditions', omitValue, detail);

/** A job ends in one way, which was announced. */
function endErrors({ job, holds, turned, differs }: Change): FieldError[] {
  const [complete, failed, failing, succeeding] = [
    holds('Complete'),
    holds('Failed'),
    holds('FailureTarget'),
    holds('SuccessCriteriaMet'),
  ];
  const rules: readonly (readonly [broken: boolean, detail: string])[] = [
    [complete && failed && turned('Complete', 'Failed'), 'cannot set Complete=True and Failed=true conditions'],
    [
      complete && failing && turned('Complete', 'FailureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ],
    [
      failed && !failing && (turned('Failed') || differs('failedIndexes')),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    [
      complete && !succeeding && turned('Complete', 'SuccessCriteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
    [succeeding && failed, 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
    [succeeding && failing, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
    [
      job.spec?.successPolicy !== undefined && complete && !succeeding,
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ],
  ];
  return rules.flatMap(([broken, detail]) => (broken ? [conditionError(detail)] : []));
}

/** A time as Go prints it. */
function printed(time: string): ReturnType<typeof verbatim> {
  return verbatim(`${time.replace('T', ' ').replace('Z', '')} +0000 UTC`);
}

function timeErrors({ status, holds, turned, differs, finished, finishedTurned }: Change): FieldError[] {
  const { startTime, completionTime } = status;
  const path = 'status.completionTime';
  const errors: FieldError[] = [];
  if (turned('Complete') || differs('completionTime')) {
    if (completionTime !== undefined && !holds('Complete'))
      errors.push(
        invalid(path, printed(completionTime), 'cannot set completionTime when there is no Complete=True condition'),
      );
    if (completionTime === undefined && holds('Complete'))
      errors.push(required(path, 'completionTime is required for Complete jobs'));
  }
  if (
    startTime !== undefined &&
    completionTime !== undefined &&
    differs('startTime', 'completionTime') &&
    (parseTime(completionTime) ?? 0) < (parseTime(startTime) ?? 0)
  ) {
    errors.push(invalid(path, printed(completionTime), 'must be equal to or after `startTime`'));
  }
  if (startTime === undefined && finished && (finishedTurned || differs('startTime')))
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  return errors;
}

/** Nothing of an ended job is left to do. */
function restErrors({ status, differs, finished, finishedTurned }: Change): FieldError[] {
  const { active = 0, ready, terminating = 0, uncountedTerminatedPods } = status;
  const uncounted = (uncountedTerminatedPods?.succeeded?.length ?? 0) + (uncountedTerminatedPods?.failed?.length ?? 0);
  const errors: FieldError[] = [];
  if (finished && active > 0 && (finishedTurned || differs('active')))
    errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  if (finished && uncounted > 0 && (finishedTurned || differs('uncountedTerminatedPods'))) {
    errors.push(invalid('status.uncountedTerminatedPods', uncountedTerminatedPods, 'must be empty for finished job'));
  }
  if (finished && terminating > 0 && (finishedTurned || differs('terminating')))
    errors.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  if (ready !== undefined && ready > active && differs('ready', 'active'))
    errors.push(invalid('status.ready', ready, 'cannot set more ready pods than active'));
  return errors;
}

function indexErrors({ job, status, differs }: Change): FieldError[] {
  const { completions, completionMode, backoffLimitPerIndex } = job.spec ?? {};
  const { completedIndexes = '', failedIndexes } = status;
  const errors: FieldError[] = [];
  const listErrors = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const problem = completions === undefined ? 0 : countIndexes(text, completions);
    if (typeof problem === 'string')
      errors.push(invalid(`status.${field}`, text, `error parsing ${field}: ${problem}`));
  };
  if (differs('completedIndexes')) {
    listErrors('completedIndexes', completedIndexes);
    if (completedIndexes !== '' && completionMode !== 'Indexed')
      errors.push(
        invalid(
          'status.completedIndexes',
          completedIndexes,
          'cannot set non-empty completedIndexes when non-indexed completion mode',
        ),
      );
  }
  if (failedIndexes === undefined) return errors;
  if (differs('failedIndexes')) {
    if (backoffLimitPerIndex === undefined)
      errors.push(
        invalid(
          'status.failedIndexes',
          failedIndexes,
          'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
        ),
      );
    else listErrors('failedIndexes', failedIndexes);
  }
  const both =
    completions === undefined || !differs('failedIndexes', 'completedIndexes')
      ? undefined
      : overlap(completedIndexes, failedIndexes, completions);
  if (both !== undefined)
    errors.push(
      invalid('status.failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`),
    );
  return errors;
}

/** What was true, counted or timed is not taken back. */
function historyErrors({ job, status, before, differs, holds }: Change): FieldError[] {
  const { completionMode, completions, parallelism, suspend } = job.spec ?? {};
  const errors = ['Failed', 'Complete', 'FailureTarget']
    .filter((type) => isTrue(before, type) && !holds(type))
    .map((type) => conditionError(`cannot disable the terminal ${type}=True condition`));
  const { failed = 0, succeeded = 0 } = status;
  if (failed < (before.failed ?? 0))
    errors.push(invalid('status.failed', failed, 'cannot decrease the failed counter'));
  // An indexed job is scaled by its completions and parallelism together, which takes succeeded indexes away.
  const shrinks = completionMode === 'Indexed' && completions === parallelism;
  if (succeeded < (before.succeeded ?? 0) && !shrinks)
    errors.push(invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter'));
  if (status.completionTime !== undefined && before.completionTime !== undefined && differs('completionTime')) {
    errors.push(invalid('status.completionTime', printed(status.completionTime), 'field is immutable'));
  }
  // A job that is resumed starts anew (as from 1.33.6).
  const mayStartAnew = suspend === true || isTrue(before, 'Suspended');
  if (before.startTime !== undefined && differs('startTime') && !mayStartAnew)
    errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  if (isTrue(before, 'SuccessCriteriaMet') && !holds('SuccessCriteriaMet'))
    errors.push(conditionError('cannot disable the SuccessCriteriaMet=True condition'));
  if (isTrue(before, 'Complete') && !isTrue(before, 'SuccessCriteriaMet') && holds('SuccessCriteriaMet')) {
    errors.push(conditionError('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'));
  }
  return errors;
}
