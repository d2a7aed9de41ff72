/** Validates the annotations of a pod that have a meaning. */

import {
  type AppArmorProfile,
  mirrorAnnotation,
  type PodSpec,
  type SeccompProfile,
  type Sent,
} from '../../../objects/index.ts';
import { type FieldError, forbidden, invalid } from '../../../machinery/index.ts';
import { localDescendingPath } from '../../paths.ts';
import { appArmorPrefix } from './app-armor.ts';
import { containersWithPaths } from './containers-of.ts';

type Annotations = Readonly<Record<string, string>>;

const deletionCostKey = 'controller.kubernetes.io/pod-deletion-cost';
const seccompPodKey = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

function seccompAnnotationErrors(path: string, profile: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return localDescendingPath(path, profile.slice('localhost/'.length));
  return [invalid(path, profile, 'must be a valid seccomp profile')];
}

function appArmorAnnotationErrors(
  path: string,
  [key, profile]: readonly [string, string],
  spec: Sent<PodSpec>,
): FieldError[] {
  const name = key.slice(appArmorPrefix.length);
  const errors: FieldError[] = [];
  if (!containersWithPaths(spec, 'spec').some(([container]) => container.name === name))
    errors.push(invalid(`${path}[${key}]`, name, 'container not found'));
  if (
    profile !== '' &&
    profile !== 'runtime/default' &&
    profile !== 'unconfined' &&
    !profile.startsWith('localhost/')
  ) {
    errors.push(invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
  }
  return errors;
}

/** Annotations that mean something to a pod or template. */
export function podAnnotationErrors(
  annotations: Annotations | undefined,
  spec: Sent<PodSpec>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations?.[mirrorAnnotation];
  if (mirror !== undefined && (spec.nodeName ?? '') === '')
    errors.push(
      invalid(`${path}[${mirrorAnnotation}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'),
    );
  const cost = annotations?.[deletionCostKey];
  if (cost !== undefined && !isDeletionCost(cost))
    errors.push(invalid(`${path}[${deletionCostKey}]`, cost, 'must be a 32bit integer'));
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (key === seccompPodKey || key.startsWith(seccompContainerPrefix))
      errors.push(...seccompAnnotationErrors(`${path}.${key}`, value));
    if (key.startsWith(appArmorPrefix)) errors.push(...appArmorAnnotationErrors(path, [key, value], spec));
  }
  return errors;
}

function isDeletionCost(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return false;
  const value = Number(text);
  return value >= -2147483648 && value <= 2147483647;
}

/** Annotations of a pod that stay as they were made. */
export function podAnnotationUpdateErrors(
  annotations: Annotations | undefined,
  old: Annotations | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(old ?? {})) {
    if (annotations?.[key] === value) continue;
    if (key.startsWith(appArmorPrefix))
      errors.push(forbidden(`${path}[${key}]`, 'may not remove or update AppArmor annotations'));
    if (key === mirrorAnnotation)
      errors.push(forbidden(`${path}[${key}]`, 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(annotations ?? {})) {
    if (old?.[key] !== undefined) continue;
    if (key.startsWith(appArmorPrefix)) errors.push(forbidden(`${path}[${key}]`, 'may not add AppArmor annotations'));
    if (key === mirrorAnnotation) errors.push(forbidden(`${path}[${key}]`, 'may not add mirror pod annotation'));
  }
  return errors;
}

const annotated: Readonly<Record<string, readonly string[]>> = {
  Unconfined: ['unconfined'],
  RuntimeDefault: ['runtime/default', 'docker/default'],
};

interface Profiled {
  /** How messages call the feature. */
  readonly feature: 'seccomp' | 'apparmor';
  readonly annotation: string | undefined;
  readonly profile: Sent<SeccompProfile> | Sent<AppArmorProfile> | undefined;
}

function matchErrors({ feature, annotation, profile }: Profiled, path: string): FieldError[] {
  if (annotation === undefined || profile === undefined) return [];
  if (profile.type !== 'Localhost') {
    const expected = annotated[profile.type ?? ''];
    return expected === undefined || expected.includes(annotation)
      ? []
      : [forbidden(`${path}.type`, `${feature} type in annotation and field must match`)];
  }
  if (!annotation.startsWith('localhost/'))
    return [forbidden(`${path}.type`, `${feature} type in annotation and field must match`)];
  if (annotation.slice('localhost/'.length) === profile.localhostProfile) return [];
  return [forbidden(`${path}.localhostProfile`, `${feature} profile in annotation and field must match`)];
}

/** The old annotations and the fields that replaced them must say the same. */
export function profileMatchErrors(
  annotations: Annotations | undefined,
  spec: Sent<PodSpec>,
  path: string,
): FieldError[] {
  const ofPod = {
    feature: 'seccomp',
    annotation: annotations?.[seccompPodKey],
    profile: spec.securityContext?.seccompProfile,
  } as const;
  const errors = matchErrors(ofPod, `${path}.securityContext.seccompProfile`);
  for (const [container, at] of containersWithPaths(spec, path)) {
    const context = container.securityContext;
    const own = {
      feature: 'seccomp',
      annotation: annotations?.[seccompContainerPrefix + container.name],
      profile: context?.seccompProfile,
    } as const;
    errors.push(...matchErrors(own, `${at}.securityContext.seccompProfile`));
    if (spec.os?.name === 'windows') continue;
    const profile = context?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const appArmor = {
      feature: 'apparmor',
      annotation: annotations?.[appArmorPrefix + container.name],
      profile,
    } as const;
    errors.push(...matchErrors(appArmor, `${at}.securityContext.appArmorProfile`));
  }
  return errors;
}
