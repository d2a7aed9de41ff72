/** The labels and the selector that identify the pods of a Job. */

import type { Job, Sent } from '../../objects/index.ts';
import { type FieldError, invalid, labelSelectorMatches, required } from '../../machinery/index.ts';

const controllerUidLabel = 'batch.kubernetes.io/controller-uid';
const jobNameLabel = 'batch.kubernetes.io/job-name';
const oldControllerUidLabel = 'controller-uid';
const oldJobNameLabel = 'job-name';

/** The labels that tell a job's pods from all others. */
function ownLabels(job: Sent<Job>): Record<string, string> {
  const uid = job.metadata?.uid ?? '';
  const name = job.metadata?.name ?? '';
  return { [oldControllerUidLabel]: uid, [oldJobNameLabel]: name, [controllerUidLabel]: uid, [jobNameLabel]: name };
}

/**
 * Gives a new job the labels and the selector of its pods, unless manualSelector is set. Needs its uid and name.
 */
export function makeSelector(job: Sent<Job>): void {
  const spec = job.spec;
  if (spec === undefined || spec.manualSelector === true) return;
  const metadata = ((spec.template ??= {}).metadata ??= {});
  const labels = (metadata.labels ??= {});
  for (const [key, value] of Object.entries(ownLabels(job))) labels[key] ??= value;
  const selector = (spec.selector ?? {}) as { matchLabels?: Record<string, string> };
  selector.matchLabels = { [controllerUidLabel]: job.metadata?.uid ?? '', ...selector.matchLabels };
  spec.selector = selector;
}

/** Errors of a selector that was to be made here and was not left alone. */
export function madeSelectorErrors(job: Sent<Job>): FieldError[] {
  const { selector, manualSelector, template } = job.spec ?? {};
  if (manualSelector === true || selector === undefined || (selector as unknown) === null) return [];
  const expected = ownLabels(job);
  const labels = template?.metadata?.labels;
  const errors: FieldError[] = [];
  if ((job.metadata?.uid ?? '') === '') errors.push(required('metadata.uid'));
  for (const [key, value] of Object.entries(expected)) {
    const path = `spec.template.metadata.labels[${key}]`;
    if (labels?.[key] === undefined) errors.push(required(path, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalid(path, labels, `must be '${value}'`));
  }
  if (!labelSelectorMatches(selector, expected))
    errors.push(invalid('spec.selector', selector, '`selector` not auto-generated'));
  return errors;
}
