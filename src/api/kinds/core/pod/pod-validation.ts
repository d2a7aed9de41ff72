/** Validates a new pod. */

import type { Pod, Sent } from '../../../objects/index.ts';
import { type FieldError, forbidden } from '../../../machinery/index.ts';
import { podAnnotationErrors, profileMatchErrors } from './annotations-validation.ts';
import { validatePodSpec } from './pod-spec-validation.ts';

/** What holds for every version of a pod: its annotations and its spec. */
export function podErrors(pod: Sent<Pod>): FieldError[] {
  const spec = pod.spec ?? {};
  const errors = [
    ...podAnnotationErrors(pod.metadata?.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { inPod: true, metadata: pod.metadata ?? {} }),
  ];
  if ((spec.serviceAccountName ?? '') !== '') return errors;
  (spec.volumes ?? []).forEach((volume, index) => {
    (volume.projected?.sources ?? []).forEach((source, sourceIndex) => {
      if (source.serviceAccountToken === undefined) return;
      const path = `spec.volumes[${index}].projected.sources[${sourceIndex}].serviceAccountToken`;
      errors.push(forbidden(path, 'must not be specified when serviceAccountName is not set'));
    });
  });
  return errors;
}

/** Errors of a new pod. */
export function validatePodCreate(pod: Sent<Pod>): FieldError[] {
  const spec = pod.spec ?? {};
  const errors = podErrors(pod);
  if ((spec.ephemeralContainers?.length ?? 0) > 0)
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if ((spec.nodeName ?? '') !== '' && (spec.schedulingGates?.length ?? 0) > 0) {
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return [...errors, ...profileMatchErrors(pod.metadata?.annotations, spec, 'spec')];
}
