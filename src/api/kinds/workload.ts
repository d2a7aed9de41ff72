/** Validation that all workload kinds share: selectors and pod templates. */

import type { LabelSelector, View, PodTemplateSpec, Sent } from '../objects/index.ts';
import {
  dns1123Label,
  type FieldError,
  forbidden,
  invalid,
  labelSelectorMatches,
  labelSelectorRequirements,
  notSupported,
  required,
  selectorText,
  validateLabelSelector,
  verbatim,
} from '../machinery/index.ts';
import { validatePodTemplate } from './core/pod/pod-template-validation.ts';
import { podTemplateWarnings } from './core/pod/pod-warnings.ts';
import { nonNegative } from './checks.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { SubresourceBehaviour } from './behaviour.ts';
import { statusSubresource } from './strategy.ts';

type MaybeSelector = View<LabelSelector> | null | undefined;

export const isEmptySelector = (selector: View<LabelSelector>): boolean =>
  Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;

/** A selector that must be there and select something; `kind` is named in the message. */
export function selectorErrors(selector: MaybeSelector, kind: string): FieldError[] {
  const path = 'spec.selector';
  if (selector === null || selector === undefined) return [required(path)];
  const errors = validateLabelSelector(selector, path);
  if (isEmptySelector(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`));
  return errors;
}

/** A selector that cannot be read, so that nothing can be held against it. */
export const isBrokenSelector = (selector: MaybeSelector): boolean =>
  selector !== null && selector !== undefined && validateLabelSelector(selector, '').length > 0;

/**
 * A template's labels must match the workload's selector; an absent selector matches nothing, an empty or broken one is
 * told elsewhere.
 */
export function templateLabelErrors(selector: MaybeSelector, template: Sent<PodTemplateSpec>): FieldError[] {
  const labels = template.metadata?.labels;
  if (isBrokenSelector(selector) || labelSelectorMatches(selector, labels)) return [];
  return [
    invalid(
      'spec.template.metadata.labels',
      labels ?? verbatim('map[string]string(nil)'),
      '`selector` does not match template `labels`',
    ),
  ];
}

/** Pods of a workload run for ever. */
export function endlessPodErrors(template: Sent<PodTemplateSpec>, kind: string): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  const path = 'spec.template.spec';
  return [
    ...(restartPolicy === 'Always' ? [] : [notSupported(`${path}.restartPolicy`, restartPolicy ?? '', ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbidden(`${path}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

/**
 * Selector and template of a Deployment or a ReplicaSet, whose message names deployments as well, as upstream's does.
 */
export function selectedTemplateErrors(selector: MaybeSelector, template: Sent<PodTemplateSpec>): FieldError[] {
  const errors = selectorErrors(selector, 'deployment');
  return [
    ...errors,
    ...(isBrokenSelector(selector)
      ? [invalid('spec.selector', selector, 'invalid label selector')]
      : templateErrors(selector, template, 'ReplicaSet')),
  ];
}

/** The template of a Deployment, a ReplicaSet or a DaemonSet. */
export function templateErrors(selector: MaybeSelector, template: Sent<PodTemplateSpec>, kind: string): FieldError[] {
  return [
    ...templateLabelErrors(selector, template),
    ...validatePodTemplate(template, 'spec.template'),
    ...endlessPodErrors(template, kind),
  ];
}

/** A warning for a new workload whose name does not fit into names of pods. */
export function podNameWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const messages = old === undefined ? dns1123Label(object.metadata.name ?? '') : [];
  return messages.length === 0
    ? []
    : [
        'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a ' +
          `DNS label is recommended: [${messages.join(' ')}]`,
      ];
}

/** Those of the template, when the object is new or its wish changed. */
export function templateWarnings(
  template: Sent<PodTemplateSpec> | undefined,
  objects: readonly [object: KubeObject, old: KubeObject | undefined],
  path = 'spec.template',
): string[] {
  const [object, old] = objects;
  return old !== undefined && old.metadata.generation === object.metadata.generation
    ? []
    : podTemplateWarnings(template, path);
}

/** Both, as most workloads have them. */
export function workloadWarnings(
  template: Sent<PodTemplateSpec> | undefined,
  object: KubeObject,
  old: KubeObject | undefined,
): string[] {
  return [...podNameWarnings(object, old), ...templateWarnings(template, [object, old])];
}

export function nonNegatives(path: string, counts: Readonly<Record<string, number | null | undefined>>): FieldError[] {
  return Object.entries(counts).flatMap(([field, value]) => nonNegative(`${path}.${field}`, value ?? undefined));
}

/** A count of hash collisions only grows. */
export function collisionErrors(next: number | null | undefined, old: number | null | undefined): FieldError[] {
  const before = old ?? undefined;
  if (before === undefined || (next !== null && next !== undefined && next >= before)) return [];
  return [invalid('status.collisionCount', next ?? 0, 'cannot be decremented')];
}

/** The /status of a kind that counts terminating replicas, which Kubernetes 1.33 does not by default. */
export function countingStatus(keptMetadata: readonly string[] = []): SubresourceBehaviour {
  const plain = statusSubresource(keptMetadata);
  return {
    ...plain,
    prepareForUpdate(object, old) {
      plain.prepareForUpdate?.(object, old);
      delete (object['status'] as JsonObject | undefined)?.['terminatingReplicas'];
    },
  };
}

/** Counts that are no more than `replicas`. */
export function withinReplicas(replicas: number, counts: Readonly<Record<string, number>>): FieldError[] {
  return Object.entries(counts).flatMap(([field, value]) =>
    value > replicas ? [invalid(`status.${field}`, value, 'cannot be greater than status.replicas')] : [],
  );
}

/** A selector in a table's cell. */
export function selectorCell(selector: MaybeSelector): string {
  if (selector === null || selector === undefined) return '';
  const requirements = labelSelectorRequirements(selector);
  return requirements === undefined ? '' : selectorText(requirements);
}

/** Why an annotation that stands for a number of an old API version is none, in the words of Go's parser. */
export function numberProblem(text: string): string | undefined {
  if (!/^[+-]?\d+$/.test(text)) return `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text)
    ? undefined
    : `strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`;
}
