/** Validates a pod template. */

import type { PodTemplateSpec, Sent } from '../../../objects/index.ts';
import { type FieldError, forbidden, validateAnnotations, validateLabels } from '../../../machinery/index.ts';
import { podAnnotationErrors, profileMatchErrors } from './annotations-validation.ts';
import { validatePodSpec } from './pod-spec-validation.ts';

/**
 * Checks a PodTemplateSpec; `path` is the template's. Labels and annotations are reported right below it, as upstream
 * does.
 */
export function validatePodTemplate(template: Sent<PodTemplateSpec>, path: string): FieldError[] {
  const spec = template.spec ?? {};
  const annotations = template.metadata?.annotations;
  const ephemeral = (spec.ephemeralContainers?.length ?? 0) > 0;
  return [
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...podAnnotationErrors(annotations, spec, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`, { inPod: false }),
    ...profileMatchErrors(annotations, spec, `${path}.spec`),
    ...(ephemeral
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}
