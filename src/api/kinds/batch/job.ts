/** The kind Job: defaults, validation and Table columns. */

import type { Job, JobSpec, JobStatus, PodTemplateSpec, Sent } from '../../objects/index.ts';
import {
  dns1123Label,
  durationText,
  type FieldError,
  immutableField,
  invalid,
  labelSelectorText,
  parseTime,
  required,
  validateLabelSelector,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import { podNameWarnings, templateLabelErrors } from '../workload.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { metadataOf, statusSubresource, strategy } from '../strategy.ts';
import { madeSelectorErrors, makeSelector } from './job-labels.ts';
import { jobSpecErrors, jobSpecWarnings } from './job-spec.ts';
import { jobStatusErrors } from './job-status.ts';

const jobOf = (object: object): Sent<Job> => object as Sent<Job>;
const endlessTries = 2_147_483_647;

/**
 * A job without labels takes those of its template: the very map, so that it has what a new job's template is given
 * later too.
 */
function inheritLabels(object: JsonObject): void {
  const labels = jobOf(object).spec?.template?.metadata?.labels;
  const metadata = metadataOf(object);
  if (labels !== undefined && Object.keys((metadata['labels'] ?? {}) as object).length === 0)
    metadata['labels'] = labels;
}

/** Parts the two maps again. */
function ownLabels(object: JsonObject): void {
  const metadata = metadataOf(object);
  if (metadata['labels'] !== undefined) metadata['labels'] = { ...(metadata['labels'] as Record<string, string>) };
}

function defaults(object: JsonObject): void {
  const spec = (jobOf(object).spec ??= {});
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : endlessTries;
  inheritLabels(object);
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.template ??= {};
  defaultPodTemplate(spec.template);
}

function selectorErrors({ selector, template = {} }: Sent<JobSpec>): FieldError[] {
  const present = (selector as typeof selector | null) ?? undefined;
  return [
    ...(present === undefined ? [required('spec.selector')] : validateLabelSelector(present, 'spec.selector')),
    ...templateLabelErrors(present, template),
  ];
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = jobOf(object).spec ?? {};
  return [...jobSpecErrors(spec, 'spec'), ...selectorErrors(spec)];
}

/** The pods of an indexed job carry their index in the hostname. */
function hostnameErrors(object: KubeObject): FieldError[] {
  const { completionMode, completions = 0 } = jobOf(object).spec ?? {};
  if (completionMode !== 'Indexed' || completions <= 0) return [];
  const name = object.metadata.name ?? '';
  const hostname = `${name}-${completions - 1}`;
  return dns1123Label(hostname).length === 0
    ? []
    : [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${hostname}`)];
}

function createErrors(object: KubeObject): FieldError[] {
  return [...madeSelectorErrors(jobOf(object)), ...specErrors(object), ...hostnameErrors(object)];
}

/** Completions change only with parallelism, and only where pods have indexes. */
function completionsErrors(spec: Sent<JobSpec>, old: Sent<JobSpec>): FieldError[] {
  const path = 'spec.completions';
  if (spec.completionMode !== 'Indexed') return immutableField(spec.completions, old.completions, path);
  if (spec.completions === old.completions) return [];
  // Missing completions are an error of the spec itself.
  if (spec.completions === undefined || spec.completions === spec.parallelism) return [];
  return [invalid(path, spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/**
 * The old template with what may still change before the first start taken from the new one: of affinities only those
 * to nodes.
 */
function schedulable(template: Sent<PodTemplateSpec>, old: Sent<PodTemplateSpec>): Sent<PodTemplateSpec> {
  const { affinity, nodeSelector, tolerations, schedulingGates } = template.spec ?? {};
  const { labels, annotations } = template.metadata ?? {};
  const { nodeAffinity: _moved, ...toPods } = old.spec?.affinity ?? {};
  const kept =
    affinity === undefined && Object.keys(toPods).length === 0
      ? undefined
      : { ...toPods, nodeAffinity: affinity?.nodeAffinity };
  const merged = { ...old.spec, affinity: kept, nodeSelector, tolerations, schedulingGates };
  return { ...old, metadata: { ...old.metadata, labels, annotations }, spec: merged } as Sent<PodTemplateSpec>;
}

function templateErrors(spec: Sent<JobSpec>, old: Sent<Job>): FieldError[] {
  const template = spec.template ?? {};
  const before = old.spec?.template ?? {};
  const unstarted = old.spec?.suspend === true && old.status?.startTime === undefined;
  return immutableField(template, unstarted ? schedulable(template, before) : before, 'spec.template');
}

function changeErrors(object: KubeObject, stored: KubeObject): FieldError[] {
  const spec = jobOf(object).spec ?? {};
  const old = jobOf(stored).spec ?? {};
  const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;
  return [
    ...completionsErrors(spec, old),
    ...immutableField(spec.selector, old.selector, 'spec.selector'),
    ...templateErrors(spec, jobOf(stored)),
    ...fixed.flatMap((field) => immutableField(spec[field], old[field], `spec.${field}`)),
  ];
}

const shownConditions = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function stateCell(object: KubeObject, status: Sent<JobStatus>): string {
  const holds = (type: string): boolean =>
    (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return shownConditions.find(holds) ?? 'Running';
}

function completionsCell({ completions, parallelism = 0 }: Sent<JobSpec>, succeeded: number): string {
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationCell({ startTime, completionTime }: Sent<JobStatus>, now: number): string {
  const start = startTime === undefined ? undefined : parseTime(startTime);
  if (start === undefined) return '';
  return durationText((completionTime === undefined ? now : (parseTime(completionTime) ?? now)) - start);
}

const plain = strategy({ generation: true, status: true });

/** Jobs alone keep their pods when the client does not say what becomes of them, for the sake of old clients. */
const orphanedPods =
  'child pods are preserved by default when jobs are deleted; ' +
  'set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

export const jobBehaviour: KindBehaviour = {
  ...plain,
  defaultPropagation: 'Orphan',
  defaults,
  prepareForCreate(object) {
    plain.prepareForCreate(object);
    makeSelector(jobOf(object));
    inheritLabels(object);
    ownLabels(object);
  },
  prepareForUpdate(object, old) {
    plain.prepareForUpdate(object, old);
    ownLabels(object);
  },
  validate: createErrors,
  // As a whole and as a change.
  validateUpdate: (object, old) => [...createErrors(object), ...specErrors(object), ...changeErrors(object, old)],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object, old) => [
    ...podNameWarnings(object, old),
    ...jobSpecWarnings(jobOf(object).spec ?? {}, [object, old], 'spec'),
  ],
  deletionWarnings: (_object, propagation) => (propagation === undefined ? [orphanedPods] : []),
  subresources: {
    status: { ...statusSubresource(), validateUpdate: (object, old) => jobStatusErrors(jobOf(object), jobOf(old)) },
  },
  selectableFields: (object) => ({ 'status.successful': String(jobOf(object).status?.succeeded ?? 0) }),
  columns: [
    nameColumn,
    column('Status', 'State of the job, such as Running, Complete, Failed or Suspended.'),
    column('Completions', 'Number of succeeded pods and of desired completions.'),
    column('Duration', 'Time from the start to the completion, or to now.'),
    ageColumn,
    ...containerColumns,
    column('Selector', 'Label selector of its pods.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = jobOf(object);
    return [
      object.metadata.name ?? '',
      stateCell(object, status),
      completionsCell(spec, status.succeeded ?? 0),
      durationCell(status, now),
      ageOf(object, now),
      ...containerCells(spec.template?.spec?.containers),
      labelSelectorText(spec.selector),
    ];
  },
};
