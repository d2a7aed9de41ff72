/** Keeps AppArmor fields and their old annotations in agreement. */

import type { AppArmorProfile, Pod, Sent } from '../../../objects/index.ts';
import { deepEqual } from '../../../machinery/index.ts';
import { containersWithPaths } from './containers-of.ts';
import { appArmorErrors } from './security-validation.ts';

/** Before a container's name, the annotation that named its AppArmor profile before there was a field. */
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
export const appArmorText = 'deprecated since v1.30; use the "appArmorProfile" field instead';

function annotationOf(profile: Sent<AppArmorProfile>): string | undefined {
  if (profile.type === 'Unconfined') return 'unconfined';
  if (profile.type === 'RuntimeDefault') return 'runtime/default';
  return profile.type === 'Localhost' && profile.localhostProfile !== undefined
    ? `localhost/${profile.localhostProfile}`
    : undefined;
}

/** The profile that an annotation names; undefined for what names none. */
function profileOf(annotation: string): Sent<AppArmorProfile> | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default' || annotation === '') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith('localhost/') || annotation === 'localhost/') return undefined;
  const profile: Sent<AppArmorProfile> = { type: 'Localhost', localhostProfile: annotation.slice('localhost/'.length) };
  return appArmorErrors(profile, '').length === 0 ? profile : undefined;
}

/**
 * Makes a new pod say the same in the old annotations and in the fields. Answers a warning for each annotation without
 * its field.
 */
export function joinAppArmor(pod: Sent<Pod>): string[] {
  const spec = pod.spec ?? {};
  if (spec.os?.name === 'windows') return [];
  const ofPod = spec.securityContext?.appArmorProfile;
  const warnings: string[] = [];
  for (const [container] of containersWithPaths(spec, 'spec')) {
    const key = `${appArmorPrefix}${container.name ?? ''}`;
    const annotation = pod.metadata?.annotations?.[key];
    const own = container.securityContext?.appArmorProfile;
    const given = own ?? ofPod;
    if (annotation === undefined) {
      const text = given === undefined ? undefined : annotationOf(given);
      if (text !== undefined) (pod.metadata ??= {}).annotations = { ...pod.metadata.annotations, [key]: text };
    } else if (own === undefined) {
      const profile = profileOf(annotation);
      const differs = profile !== undefined && !deepEqual(profile, ofPod);
      if (differs) (container.securityContext ??= {}).appArmorProfile = profile;
      if (profile === undefined || differs) warnings.push(`metadata.annotations[${key}]: ${appArmorText}`);
    }
  }
  return warnings;
}
