/** Validates writes to the subresource ephemeralcontainers. */

import { mirroredUid, type Pod, type Sent } from '../../../objects/index.ts';
import { type FieldError, forbidden, semanticEqual } from '../../../machinery/index.ts';
import { differenceText } from '../../difference.ts';
import { podAnnotationUpdateErrors } from './annotations-validation.ts';
import { podErrors } from './pod-validation.ts';

/** Errors of a write to /ephemeralcontainers: they come, but never change or go. */
export function validateEphemeralContainers(pod: Sent<Pod>, old: Sent<Pod>): FieldError[] {
  if (mirroredUid(old) !== undefined) return [forbidden('', 'static pods do not support ephemeral containers')];
  const errors = [
    ...podErrors(pod),
    ...podAnnotationUpdateErrors(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
  ];
  const path = 'spec.ephemeralContainers';
  for (const before of old.spec?.ephemeralContainers ?? []) {
    const now = pod.spec?.ephemeralContainers?.find((container) => container.name === before.name);
    const name = JSON.stringify(before.name ?? '');
    if (now === undefined) errors.push(forbidden(path, `existing ephemeral containers ${name} may not be removed\n`));
    else if (!semanticEqual(now, before))
      errors.push(
        forbidden(
          path,
          `existing ephemeral containers ${name} may not be ` +
            `changed\n${differenceText('core/v1.EphemeralContainer', before, now)}`,
        ),
      );
  }
  return errors;
}
