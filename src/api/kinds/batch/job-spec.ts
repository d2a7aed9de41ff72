/** Validates the spec of a Job. */

import type { JobSpec, Sent } from '../../objects/index.ts';
import {
  byteLength,
  domainPrefixedPath,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../machinery/index.ts';
import { choice, invalids, isSet } from '../checks.ts';
import { validatePodTemplate } from '../core/pod/pod-template-validation.ts';
import { nonNegatives, templateWarnings } from '../workload.ts';
import type { KubeObject } from '../../object.ts';
import { podFailurePolicyErrors } from './pod-failure-policy.ts';
import { successPolicyErrors } from './success-policy.ts';

const indexedMax = 100_000;
const manyCompletionsParallelismMax = 10_000;
const managedByBytesMax = 63;

/** Errors of a job's spec wherever it stands, save for the selector; `path` is the spec's. */
export function jobSpecErrors(spec: Sent<JobSpec>, path: string): FieldError[] {
  const {
    parallelism,
    completions,
    activeDeadlineSeconds,
    backoffLimit,
    ttlSecondsAfterFinished,
    backoffLimitPerIndex,
    maxFailedIndexes,
  } = spec;
  return [
    ...nonNegatives(path, {
      parallelism,
      completions,
      activeDeadlineSeconds,
      backoffLimit,
      ttlSecondsAfterFinished,
      backoffLimitPerIndex,
      maxFailedIndexes,
    }),
    ...(maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined
      ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...managedByErrors(spec.managedBy, `${path}.managedBy`),
    ...choice(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed']),
    ...(spec.completionMode === 'Indexed' ? indexedErrors(spec, path) : unindexedErrors(spec, path)),
    ...(spec.podFailurePolicy === undefined ? [] : podFailurePolicyErrors(spec, `${path}.podFailurePolicy`)),
    ...replacementErrors(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec.template ?? {}, `${path}.template`),
    ...restartErrors(spec, `${path}.template.spec.restartPolicy`),
  ];
}

/**
 * Warnings about a job's spec wherever it stands, when `objects` (the one that holds it, and its old state) differ in
 * their wish.
 */
export function jobSpecWarnings(
  spec: Sent<JobSpec>,
  objects: readonly [object: KubeObject, old: KubeObject | undefined],
  path: string,
): string[] {
  const [object, old] = objects;
  const unchanged = old !== undefined && old.metadata.generation === object.metadata.generation;
  const crowded =
    !unchanged &&
    spec.completionMode === 'Indexed' &&
    (spec.completions ?? 0) > indexedMax &&
    (spec.parallelism ?? 0) > manyCompletionsParallelismMax;
  const text =
    `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, ` +
    'Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [...(crowded ? [text] : []), ...templateWarnings(spec.template, objects, `${path}.template`)];
}

function managedByErrors(value: string | undefined, path: string): FieldError[] {
  if (value === undefined) return [];
  return [
    ...invalids(path, value, domainPrefixedPath(value)),
    ...(byteLength(value) > managedByBytesMax ? [tooLong(path, value, managedByBytesMax)] : []),
  ];
}

function indexedErrors(spec: Sent<JobSpec>, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  const failedPath = `${path}.maxFailedIndexes`;
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism > indexedMax)
    errors.push(
      invalid(
        `${path}.parallelism`,
        parallelism,
        `must be less than or equal to ${indexedMax} when completion mode is Indexed`,
      ),
    );
  if (maxFailedIndexes !== undefined && completions !== undefined && maxFailedIndexes > completions)
    errors.push(invalid(failedPath, maxFailedIndexes, 'must be less than or equal to completions'));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > indexedMax)
    errors.push(invalid(failedPath, maxFailedIndexes, `must be less than or equal to ${indexedMax}`));
  if (completions !== undefined && completions > indexedMax && backoffLimitPerIndex !== undefined)
    errors.push(...manyCompletionsErrors(spec, path));
  if (spec.successPolicy !== undefined && completions !== undefined)
    errors.push(...successPolicyErrors(spec, `${path}.successPolicy`));
  return errors;
}

function manyCompletionsErrors({ maxFailedIndexes, parallelism = 0 }: Sent<JobSpec>, path: string): FieldError[] {
  const detail =
    `must be less than or equal to ${manyCompletionsParallelismMax} ` +
    `when completions are above ${indexedMax} ` +
    'and used with backoff limit per index';
  const errors: FieldError[] = [];
  if (maxFailedIndexes === undefined)
    errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${indexedMax}`));
  if (parallelism > manyCompletionsParallelismMax) errors.push(invalid(`${path}.parallelism`, parallelism, detail));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > manyCompletionsParallelismMax)
    errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, detail));
  return errors;
}

function unindexedErrors(
  { backoffLimitPerIndex, maxFailedIndexes, successPolicy }: Sent<JobSpec>,
  path: string,
): FieldError[] {
  return Object.entries({ backoffLimitPerIndex, maxFailedIndexes, successPolicy }).flatMap(([field, value]) =>
    value === undefined ? [] : [invalid(`${path}.${field}`, value, 'requires indexed completion mode')],
  );
}

function replacementErrors({ podReplacementPolicy, podFailurePolicy }: Sent<JobSpec>, path: string): FieldError[] {
  if (podReplacementPolicy === undefined) return [];
  return choice(
    path,
    podReplacementPolicy,
    podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'],
  );
}

/** Pods of a job end: the pod default, which is to run for ever, does not do. */
function restartErrors({ template, podFailurePolicy }: Sent<JobSpec>, path: string): FieldError[] {
  const policy = template?.spec?.restartPolicy;
  if (!isSet(policy) || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])];
  return podFailurePolicy !== undefined && policy !== 'Never'
    ? [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}
