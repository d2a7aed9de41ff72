/** The kind CronJob: defaults, validation and Table columns. */

import type { CronJob, CronJobSpec, JobTemplateSpec, Sent } from '../../objects/index.ts';
import {
  ageText,
  byteLength,
  type FieldError,
  invalid,
  labelSelectorText,
  notSupported,
  required,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { nonNegatives, podNameWarnings } from '../workload.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { isSet, requiredChoice } from '../checks.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { isTimeZone, scheduleProblem } from './cron-schedule.ts';
import { jobSpecErrors, jobSpecWarnings } from './job-spec.ts';

/** A job's name is the cron job's and eleven characters more, and has to be a label. */
const nameBytesMax = 52;

const cronJobOf = (object: object): Sent<CronJob> => object as Sent<CronJob>;

function defaults(object: JsonObject): void {
  const spec = (cronJobOf(object).spec ??= {});
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  const job = (spec.jobTemplate ??= {});
  const metadata = (job.metadata ??= {}) as { creationTimestamp?: string | null };
  metadata.creationTimestamp ??= null;
  const jobSpec = (job.spec ??= {});
  for (const rule of jobSpec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  jobSpec.template ??= {};
  defaultPodTemplate(jobSpec.template);
}

function scheduleErrors(
  { schedule = '', timeZone }: Sent<CronJobSpec>,
  old: Sent<CronJobSpec> | undefined,
): FieldError[] {
  const path = 'spec.schedule';
  if (schedule === '') return [required(path)];
  const problem = scheduleProblem(schedule);
  const errors = problem === undefined ? [] : [invalid(path, schedule, problem)];
  const zoneAllowed = old?.schedule?.includes('TZ') === true;
  if (!schedule.includes('TZ')) return errors;
  if (!zoneAllowed)
    return [...errors, invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  return timeZone === undefined
    ? errors
    : [...errors, invalid(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule')];
}

function timeZoneErrors(zone: string | undefined): FieldError[] {
  const path = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  const errors: FieldError[] = [];
  if (zone.toLowerCase() === 'local')
    errors.push(
      invalid(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    );
  if (zone !== 'Local' && !isTimeZone(zone)) errors.push(invalid(path, zone, `unknown time zone ${zone}`));
  return errors;
}

function jobTemplateErrors({ spec = {} }: Sent<JobTemplateSpec>): FieldError[] {
  const path = 'spec.jobTemplate.spec';
  const errors = jobSpecErrors(spec, path);
  if (spec.selector !== undefined)
    errors.push(invalid(`${path}.selector`, spec.selector, '`selector` will be auto-generated'));
  if (spec.manualSelector === true) errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']));
  return errors;
}

function specErrors(object: KubeObject, stored: KubeObject | undefined): FieldError[] {
  const spec = cronJobOf(object).spec ?? {};
  const old = stored === undefined ? undefined : (cronJobOf(stored).spec ?? {});
  const { startingDeadlineSeconds, successfulJobsHistoryLimit, failedJobsHistoryLimit } = spec;
  return [
    ...scheduleErrors(spec, old),
    ...nonNegatives('spec', { startingDeadlineSeconds }),
    ...(old === undefined || old.timeZone !== spec.timeZone ? timeZoneErrors(spec.timeZone) : []),
    ...requiredChoice('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...jobTemplateErrors(spec.jobTemplate ?? {}),
    ...nonNegatives('spec', { successfulJobsHistoryLimit, failedJobsHistoryLimit }),
  ];
}

function nameErrors(object: KubeObject): FieldError[] {
  const name = object.metadata.name ?? '';
  return byteLength(name) > nameBytesMax
    ? [invalid('metadata.name', name, `must be no more than ${nameBytesMax} characters`)]
    : [];
}

/** Only an old schedule still names a time zone. */
function zoneWarnings(object: KubeObject): string[] {
  return cronJobOf(object).spec?.schedule?.includes('TZ') === true
    ? ['cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead']
    : [];
}

export const cronJobBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults,
  validate: (object) => [...specErrors(object, undefined), ...nameErrors(object)],
  validateUpdate: specErrors,
  warnings: (object, old) => [
    ...podNameWarnings(object, old),
    ...jobSpecWarnings(cronJobOf(object).spec?.jobTemplate?.spec ?? {}, [object, old], 'spec.jobTemplate.spec'),
    ...zoneWarnings(object),
  ],
  subresources: { status: statusSubresource() },
  columns: [
    nameColumn,
    column('Schedule', 'Schedule in cron format.'),
    column('Timezone', 'Time zone of the schedule.'),
    column('Suspend', 'Whether it is suspended.', { type: 'boolean' }),
    column('Active', 'Number of running jobs.', { type: 'integer' }),
    column('Last Schedule', 'Time since the last job was created.'),
    ageColumn,
    ...containerColumns,
    column('Selector', 'Label selector of the pods of its jobs.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = cronJobOf(object);
    const job = spec.jobTemplate?.spec;
    const suspend = spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False';
    return [
      object.metadata.name ?? '',
      spec.schedule ?? '',
      isSet(spec.timeZone) ? spec.timeZone : '<none>',
      suspend,
      status.active?.length ?? 0,
      status.lastScheduleTime === undefined ? '<none>' : ageText(status.lastScheduleTime, now),
      ageOf(object, now),
      ...containerCells(job?.template?.spec?.containers),
      labelSelectorText(job?.selector),
    ];
  },
};
