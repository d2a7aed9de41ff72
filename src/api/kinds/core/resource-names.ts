/** Names of resources (cpu, memory, hugepages, extended resources) and their kinds. */

import { type FieldError, invalid, qualifiedName, verbatim } from '../../machinery/index.ts';

const hugePagesPrefix = 'hugepages-';
const attachPrefix = 'attachable-volumes-';
const standardContainer = new Set(['cpu', 'memory', 'ephemeral-storage']);
const standardQuota = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const standard = new Set([...standardQuota, 'storage']);
const integerNames = new Set([
  'pods',
  'replicationcontrollers',
  'services',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

export const isHugePages = (name: string): boolean => name.startsWith(hugePagesPrefix);
const isStandard = (name: string): boolean =>
  standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
const isStandardContainerResource = (name: string): boolean => standardContainer.has(name) || isHugePages(name);
/** Without a domain, or with kubernetes.io's. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** A resource that a device plugin or an operator advertises under its own domain. */
function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

/** Only whole amounts make sense. */
export const isIntegerResource = (name: string): boolean => integerNames.has(name) || isExtendedResource(name);
/** Requests may be smaller than limits. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

export function isStandardQuotaResource(name: string): boolean {
  return (
    standardQuota.has(name) ||
    isHugePages(name) ||
    name.startsWith('requests.hugepages-') ||
    name.startsWith(attachPrefix)
  );
}

/** A resource's name in messages stands without quotes. */
const shown = (name: string): unknown => verbatim(name);

export function resourceNameErrors(path: string, name: string): FieldError[] {
  const errors = qualifiedName(name).map((message) => invalid(path, shown(name), message));
  if (errors.length > 0 || name.includes('/') || isStandard(name)) return errors;
  return [invalid(path, shown(name), 'must be a standard resource type or fully qualified')];
}

export function containerResourceNameErrors(path: string, name: string): FieldError[] {
  const errors = resourceNameErrors(path, name);
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name))
      errors.push(invalid(path, shown(name), 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalid(path, shown(name), "doesn't follow extended resource name standard"));
  }
  return errors;
}

export function quotaResourceNameErrors(path: string, name: string): FieldError[] {
  const errors = resourceNameErrors(path, name);
  if (!name.includes('/') && !isStandardQuotaResource(name))
    errors.push(invalid(path, shown(name), 'must be a standard resource for quota'));
  return errors;
}
