/** The seccomp checks of the Pod Security Standards. */

import { goQuote } from '../machinery/index.ts';
import {
  type Check,
  type CheckedPod,
  containersOf,
  containersText,
  nameOf,
  plural,
  quoted,
  settersText,
  sortedSet,
  type Violation,
} from './violation.ts';

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19 annotations named the profile. */
export const seccompAnnotations: Check = (pod) => {
  const allowed = (value: string): boolean =>
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const annotations = pod.metadata?.annotations ?? {};
  const keys = [podAnnotation, ...containersOf(pod).map((container) => `${containerAnnotation}${nameOf(container)}`)];
  const bad = sortedSet(
    keys.flatMap((key) => {
      const value = annotations[key];
      return value === undefined || allowed(value) ? [] : [`${key}=${goQuote(value)}`];
    }),
  );
  return bad.length === 0
    ? undefined
    : {
        reason: 'seccompProfile',
        detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${bad.join(', ')}`,
      };
};

interface Profile {
  readonly type?: string;
}

const isGood = (profile: Profile | undefined): boolean =>
  profile?.type === 'Localhost' || profile?.type === 'RuntimeDefault';
const isBad = (profile: Profile | undefined): boolean => profile !== undefined && !isGood(profile);

function explicitViolation(pod: CheckedPod): Violation | undefined {
  const own = pod.spec?.securityContext?.seccompProfile;
  const bad = containersOf(pod).filter((container) => isBad(container.securityContext?.seccompProfile));
  const setters = settersText(isBad(own), bad.map(nameOf));
  if (setters === '') return undefined;
  const types = [
    ...(isBad(own) ? [own?.type ?? ''] : []),
    ...bad.map((container) => container.securityContext?.seccompProfile?.type ?? ''),
  ];
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${quoted(sortedSet(types))}`,
  };
}

/** Baseline: nothing may be set to Unconfined. */
export const seccompBaseline: Check = explicitViolation;

/** Restricted: every container has a profile, its own or the pod's. */
export const seccompRestricted: Check = (pod) => {
  const explicit = explicitViolation(pod);
  if (explicit !== undefined || isGood(pod.spec?.securityContext?.seccompProfile)) return explicit;
  const without = containersOf(pod)
    .filter((container) => container.securityContext?.seccompProfile === undefined)
    .map(nameOf);
  if (without.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail:
      `pod or ${containersText(without)} must set securityContext.seccompProfile.type to "RuntimeDefault" or ` +
      '"Localhost"',
  };
};
