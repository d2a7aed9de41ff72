/** Validates what is specific to Windows pods. */

import type { Container, PodSpec, Sent } from '../../../objects/index.ts';
import { type FieldError, forbidden, invalid } from '../../../machinery/index.ts';
import { containersWithPaths } from './containers-of.ts';

const domainBytesMax = 256;
const userBytesMax = 104;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsDomain = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/** `DOMAIN\user` or `user`, as Windows knows them. */
export function windowsUserNameErrors(name: string, path: string): FieldError[] {
  const refuse = (detail: string): FieldError => invalid(path, name, detail);
  if (name === '') return [refuse('runAsUserName cannot be an empty string')];
  if (/[\x00-\x1f\x7f]/.test(name)) return [refuse('runAsUserName cannot contain control characters')];
  const parts = name.split('\\');
  if (parts.length > 2) return [refuse('runAsUserName cannot contain more than one backslash')];
  const domain = parts.length === 2 ? parts[0] : undefined;
  const user = parts.at(-1) ?? '';
  const errors: FieldError[] = [];
  if ((domain ?? '').length >= domainBytesMax)
    errors.push(refuse(`runAsUserName's Domain length must be under ${domainBytesMax} characters`));
  if (domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain))
    errors.push(refuse("runAsUserName's Domain doesn't match the NetBios nor the DNS format"));
  if (user === '') errors.push(refuse("runAsUserName's User cannot be empty"));
  else if (user.length > userBytesMax)
    errors.push(refuse(`runAsUserName's User length must not be longer than ${userBytesMax} characters`));
  if (/^[. ]+$/.test(user)) errors.push(refuse("runAsUserName's User cannot contain only periods or spaces"));
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    errors.push(refuse('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'));
  return errors;
}

const hostProcessOf = (container: Sent<Container>): boolean | undefined =>
  container.securityContext?.windowsOptions?.hostProcess;

/** In a pod either all containers are host processes or none is, and they need the host's network. */
export function hostProcessErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = containersWithPaths(spec, path);
  const errors: FieldError[] = [];
  for (const [container, at] of containers) {
    const own = hostProcessOf(container);
    if (ofPod === undefined || own === undefined || own === ofPod) continue;
    errors.push(
      invalid(
        `${at}.securityContext.windowsOptions.hostProcess`,
        own,
        `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
      ),
    );
  }
  const count = containers.filter(([container]) => hostProcessOf(container) ?? ofPod ?? false).length;
  if (count === 0) return errors;
  if (count !== containers.length)
    errors.push(
      invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (spec.hostNetwork !== true)
    errors.push(
      invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
  return errors;
}

const linuxOnlyOfPod = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const linuxOnlyOfContainer = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** What a pod that says it is for Linux or for Windows may not ask for. */
export function systemErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  const context = spec.securityContext ?? {};
  const containers = containersWithPaths(spec, path);
  if (spec.os?.name === 'linux') {
    const detail = 'windows options cannot be set for a linux pod';
    const ofPod =
      context.windowsOptions === undefined ? [] : [forbidden(`${path}.securityContext.windowsOptions`, detail)];
    const withOptions = containers.filter(([container]) => container.securityContext?.windowsOptions !== undefined);
    return [...ofPod, ...withOptions.map(([, at]) => forbidden(`${at}.securityContext.windowsOptions`, detail))];
  }
  if (spec.os?.name !== 'windows') return [];
  const detail = 'cannot be set for a windows pod';
  const errors = linuxOnlyOfPod
    .filter((field) => context[field] !== undefined)
    .map((field) => forbidden(`${path}.securityContext.${field}`, detail));
  if (spec.hostUsers !== undefined) errors.push(forbidden(`${path}.hostUsers`, detail));
  if (spec.hostPID === true) errors.push(forbidden(`${path}.hostPID`, detail));
  if (spec.hostIPC === true) errors.push(forbidden(`${path}.hostIPC`, detail));
  if (spec.shareProcessNamespace !== undefined) errors.push(forbidden(`${path}.shareProcessNamespace`, detail));
  for (const [container, at] of containers) {
    const own = container.securityContext ?? {};
    errors.push(
      ...linuxOnlyOfContainer
        .filter((field) => own[field] !== undefined)
        .map((field) => forbidden(`${at}.securityContext.${field}`, detail)),
    );
  }
  return errors;
}
