/** Validates the security contexts of a pod and its containers. */

import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sent,
  Sysctl,
  WindowsSecurityContextOptions,
} from '../../../objects/index.ts';
import {
  duplicate,
  dns1123Subdomain,
  type FieldError,
  forbidden,
  groupId,
  invalid,
  required,
  tooLong,
  userId,
} from '../../../machinery/index.ts';
import { choice, each, invalids, isSet, requiredChoice } from '../../checks.ts';
import { localDescendingPath } from '../../paths.ts';
import { windowsUserNameErrors } from './windows-validation.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function profileTypeErrors(path: string, type: string | undefined, detail: string): FieldError[] {
  return isSet(type) ? requiredChoice(path, type, profileTypes) : [required(path, detail)];
}

function seccompErrors(profile: Sent<SeccompProfile> | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const errors = profileTypeErrors(`${path}.type`, profile.type, 'type is required when seccompProfile is set');
  const local = profile.localhostProfile;
  if (profile.type !== 'Localhost') {
    return local === undefined
      ? errors
      : [...errors, invalid(`${path}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost')];
  }
  if (local === undefined)
    return [...errors, required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  return [...errors, ...localDescendingPath(`${path}.localhostProfile`, local)];
}

function localAppArmorErrors(local: string | undefined, path: string): FieldError[] {
  if (local === undefined || local === '') return [required(path, 'must be set when AppArmor type is Localhost')];
  if (local.trim() !== local) return [invalid(path, local, 'must not be padded with whitespace')];
  return local.length > 4095 ? [tooLong(path, '', 4095)] : [];
}

export function appArmorErrors(profile: Sent<AppArmorProfile> | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  if (profile.type === 'Localhost') return localAppArmorErrors(profile.localhostProfile, `${path}.localhostProfile`);
  const errors = profileTypeErrors(`${path}.type`, profile.type, 'type is required when appArmorProfile is set');
  if (errors.length > 0 || profile.localhostProfile === undefined) return errors;
  return [
    invalid(`${path}.localhostProfile`, profile.localhostProfile, 'can only be set when AppArmor type is Localhost'),
  ];
}

function windowsErrors(options: Sent<WindowsSecurityContextOptions> | undefined, path: string): FieldError[] {
  if (options === undefined) return [];
  const errors: FieldError[] = [];
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined)
    errors.push(
      ...invalids(`${path}.gmsaCredentialSpecName`, gmsaCredentialSpecName, dns1123Subdomain(gmsaCredentialSpecName)),
    );
  if (gmsaCredentialSpec === '')
    errors.push(invalid(`${path}.gmsaCredentialSpec`, '', 'gmsaCredentialSpec cannot be an empty string'));
  else if ((gmsaCredentialSpec ?? '').length > 65536)
    errors.push(
      invalid(`${path}.gmsaCredentialSpec`, gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'),
    );
  if (runAsUserName !== undefined) errors.push(...windowsUserNameErrors(runAsUserName, `${path}.runAsUserName`));
  return errors;
}

const identityErrors = (
  path: string,
  value: number | undefined,
  check: (value: number) => readonly string[],
): FieldError[] => (value === undefined ? [] : invalids(path, value, check(value)));

/** `hostUsers`: the pod shares the user namespace of its node. */
export function containerSecurityErrors(
  context: Sent<SecurityContext> | undefined,
  path: string,
  hostUsers: boolean,
): FieldError[] {
  if (context === undefined) return [];
  const errors = [
    ...identityErrors(`${path}.runAsUser`, context.runAsUser, userId),
    ...identityErrors(`${path}.runAsGroup`, context.runAsGroup, groupId),
    ...choice(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']),
  ];
  if (hostUsers && context.procMount === 'Unmasked')
    errors.push(invalid(`${path}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`'));
  errors.push(...seccompErrors(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const detail = 'cannot set `allowPrivilegeEscalation` to false and';
    if (context.privileged === true) errors.push(invalid(path, context, `${detail} \`privileged\` to true`));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true)
      errors.push(invalid(path, context, `${detail} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  return [
    ...errors,
    ...windowsErrors(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

const sysctlText = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlPattern = new RegExp(sysctlText);
const ipcSysctls = new Set(['kernel.sem', 'kernel.shm_rmid_forced']);

function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  const dotted =
    name.includes('.') && (!name.includes('/') || name.indexOf('.') < name.indexOf('/'))
      ? name
      : name.replaceAll('/', '.');
  if (dotted.startsWith('net.')) return 'net';
  return ipcSysctls.has(dotted) || /^(kernel\.shm|kernel\.msg|fs\.mqueue\.)/.test(dotted) ? 'ipc' : undefined;
}

function sysctlErrors(sysctls: readonly Sent<Sysctl>[], path: string, spec: Sent<PodSpec>): FieldError[] {
  const seen = new Set<string>();
  return each(path, sysctls, (sysctl, at) => {
    const name = sysctl.name ?? '';
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${at}.name`));
    else if (name.length > 253 || !sysctlPattern.test(name))
      errors.push(invalid(`${at}.name`, name, `must have at most 253 characters and match regex ${sysctlText}`));
    else if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    const namespace = sysctlNamespace(name);
    if (spec.hostNetwork === true && namespace === 'net')
      errors.push(invalid(`${at}.name`, name, "may not be specified when 'hostNetwork' is true"));
    else if (spec.hostIPC === true && namespace === 'ipc')
      errors.push(invalid(`${at}.name`, name, "may not be specified when 'hostIPC' is true"));
    seen.add(name);
    return errors;
  });
}

/** Checks the pod's own security context and the host namespaces that it concerns. `path` is that of the context. */
export function podSecurityErrors(
  context: Sent<PodSecurityContext> | undefined,
  spec: Sent<PodSpec>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (context === undefined) return errors;
  errors.push(...identityErrors(`${path}.fsGroup`, context.fsGroup, groupId));
  errors.push(...identityErrors(`${path}.runAsUser`, context.runAsUser, userId));
  errors.push(...identityErrors(`${path}.runAsGroup`, context.runAsGroup, groupId));
  errors.push(
    ...each(`${path}.supplementalGroups`, context.supplementalGroups, (group, at) =>
      invalids(at, group, groupId(group)),
    ),
  );
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    errors.push(
      invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  }
  errors.push(...sysctlErrors(context.sysctls ?? [], `${path}.sysctls`, spec));
  errors.push(...choice(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']));
  errors.push(...seccompErrors(context.seccompProfile, `${path}.seccompProfile`));
  errors.push(...windowsErrors(context.windowsOptions, `${path}.windowsOptions`));
  errors.push(...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`));
  errors.push(...choice(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']));
  // Volumes are not mounted with a label by default in Kubernetes 1.33.
  errors.push(...choice(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']));
  return errors;
}

/** A pod with its own user namespace cannot share other namespaces of the host. The capitals are upstream's. */
export function hostUsersErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const detail = 'when `pod.Spec.HostUsers` is false';
  const errors: FieldError[] = [];
  if (spec.hostNetwork === true) errors.push(forbidden(`${path}.hostNetwork`, detail));
  if (spec.hostPID === true) errors.push(forbidden(`${path}.HostPID`, detail));
  if (spec.hostIPC === true) errors.push(forbidden(`${path}.HostIPC`, detail));
  return errors;
}
