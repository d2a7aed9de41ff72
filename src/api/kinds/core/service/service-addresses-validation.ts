/** Validates the cluster addresses and IP families of a Service. */

import type { Sent, Service } from '../../../objects/index.ts';
import { duplicate, type FieldError, invalid, notSupported, required, parseAddress } from '../../../machinery/index.ts';
import { addressErrors, isDualStack } from '../../addresses.ts';
import { choice, each } from '../../checks.ts';
import { declaresNoAddress, isLoadBalancer } from './service-type.ts';

const ips = 'spec.clusterIPs';

function pairErrors(service: Sent<Service>): FieldError[] {
  const { clusterIP = '', clusterIPs = [] } = service.spec ?? {};
  if (clusterIP === '')
    return clusterIPs.length === 0 ? [] : [invalid(ips, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  if (clusterIPs.length === 0) return [required(ips)];
  return clusterIPs[0] === clusterIP ? [] : [invalid(ips, clusterIPs, 'first value must match `clusterIP`')];
}

function familyErrors(service: Sent<Service>): FieldError[] {
  const { ipFamilies = [], ipFamilyPolicy } = service.spec ?? {};
  const seen = new Set<string>();
  const errors = each('spec.ipFamilies', ipFamilies, (family, at) => {
    const found = family === 'IPv4' || family === 'IPv6' ? [] : [notSupported(at, family, ['IPv4', 'IPv6'])];
    if (seen.has(family)) found.push(duplicate(at, family));
    seen.add(family);
    return found;
  });
  return [
    ...errors,
    ...choice('spec.ipFamilyPolicy', ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
  ];
}

function listErrors(clusterIPs: readonly string[]): FieldError[] {
  return each(ips, clusterIPs, (ip, at, index) => {
    if (index > 0 || ip !== 'None') return addressErrors(at, ip);
    return clusterIPs.length > 1 ? [invalid(ips, clusterIPs, "'None' must be the first and only value")] : [];
  });
}

function matchErrors(service: Sent<Service>): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = service.spec ?? {};
  if (declaresNoAddress(service)) return [];
  return each(ips, clusterIPs, (ip, at, index) => {
    const family = ipFamilies[index];
    if ((family !== 'IPv4' && family !== 'IPv6') || parseAddress(ip)?.family === family) return [];
    return [invalid(at, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)];
  });
}

/** Checks `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` together. */
export function clusterAddressErrors(service: Sent<Service>): FieldError[] {
  if (service.spec?.type === 'ExternalName') return [];
  const clusterIPs = service.spec?.clusterIPs ?? [];
  const errors = [...pairErrors(service), ...familyErrors(service)];
  const list = listErrors(clusterIPs);
  errors.push(...list);
  if (clusterIPs.length > 2) errors.push(invalid(ips, clusterIPs, 'may only hold up to 2 values'));
  if (list.length > 0) return errors;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs))
    errors.push(invalid(ips, clusterIPs, 'may specify no more than one IP for each IP family'));
  return [...errors, ...matchErrors(service)];
}

interface Change {
  readonly field: 'clusterIPs' | 'ipFamilies';
  readonly unset: string;
  readonly released: string;
}

function changeErrors(service: Sent<Service>, old: Sent<Service>, change: Change): FieldError[] {
  const path = `spec.${change.field}`;
  const [now, before] = [service.spec?.[change.field] ?? [], old.spec?.[change.field] ?? []];
  if (now.length === before.length) {
    return before.flatMap((value, index) => {
      const at = change.field === 'clusterIPs' ? index : 0;
      return value === now[index] ? [] : [invalid(`${path}[${at}]`, now, 'may not change once set')];
    });
  }
  const errors: FieldError[] = [];
  if (before.length > now.length && (service.spec?.clusterIPs?.length ?? 0) === 0)
    errors.push(invalid(`${path}[0]`, now, change.unset));
  if (before.length > 0 && now.length > 0 && now[0] !== before[0])
    errors.push(invalid(`${path}[0]`, now, 'may not change once set'));
  if (before.length > now.length && now.length === 1 && service.spec?.ipFamilyPolicy !== 'SingleStack') {
    errors.push(invalid('spec.ipFamilyPolicy', service.spec?.ipFamilyPolicy, change.released));
  }
  return errors;
}

const addressChange: Change = {
  field: 'clusterIPs',
  unset: 'primary clusterIP can not be unset',
  released: "must be set to 'SingleStack' when releasing the secondary clusterIP",
};
const familyChange: Change = {
  field: 'ipFamilies',
  unset: 'primary ipFamily can not be unset',
  released: "must be set to 'SingleStack' when releasing the secondary ipFamily",
};

/** What a Service may not change about how it is reached. */
export function addressUpdateErrors(service: Sent<Service>, old: Sent<Service>): FieldError[] {
  const errors: FieldError[] = [];
  const external = service.spec?.type === 'ExternalName' || old.spec?.type === 'ExternalName';
  const [headless, wasHeadless] = [declaresNoAddress(service), declaresNoAddress(old)];
  if (!external && !(headless && wasHeadless)) errors.push(...changeErrors(service, old, addressChange));
  if (!external && !headless && !wasHeadless) errors.push(...changeErrors(service, old, familyChange));
  if (
    isLoadBalancer(service) &&
    isLoadBalancer(old) &&
    service.spec?.loadBalancerClass !== old.spec?.loadBalancerClass
  ) {
    errors.push(invalid('spec.loadBalancerClass', service.spec?.loadBalancerClass, 'may not change once set'));
  }
  return errors;
}
