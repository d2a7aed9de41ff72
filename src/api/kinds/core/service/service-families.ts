/** Completes the address families of a Service, as upstream does before it allocates addresses. */
import {
  deepEqual,
  type FieldError,
  invalid,
  type IpFamily,
  otherFamily,
  parseAddress,
} from '../../../machinery/index.ts';
import type { Sent, Service, ServiceSpec } from '../../../objects/index.ts';
import { each } from '../../checks.ts';
import { clusterAddressErrors } from './service-addresses-validation.ts';
import { isAnywhere, needsClusterAddress } from './service-type.ts';

const policyField = 'spec.ipFamilyPolicy';

/**
 * Fills in `ipFamilyPolicy` and `ipFamilies` by what the cluster hands out (its first family is the default one), and
 * answers why the Service cannot have what it asks for; then it is not complete. Nothing is added to or taken from a
 * Service without a word in it (upstream's Allocators.initIPFamilyFields).
 */
export function completeFamilies(
  service: Sent<Service>,
  old: Sent<Service> | undefined,
  families: readonly IpFamily[],
): FieldError[] {
  if (!needsClusterAddress(service) || prefersAsBefore(service, old)) return [];
  const spec = (service.spec ??= {});
  spec.ipFamilyPolicy ??= old?.spec?.ipFamilyPolicy ?? (isAnywhere(service) ? 'RequireDualStack' : 'SingleStack');
  const malformed = clusterAddressErrors(service);
  if (malformed.length > 0) return malformed;
  if (old !== undefined && spec.ipFamilyPolicy === 'SingleStack') releaseSecond(spec, old.spec ?? {});
  const errors = [...policyErrors(service, old), ...inferFamilies(spec, families)];
  if (errors.length > 0) return errors;
  const wishes = isAnywhere(service) ? [] : wishErrors(spec, families);
  if (wishes.length > 0) return wishes;
  const [first = 'IPv4'] = families;
  const [chosen = first] = spec.ipFamilies ?? [];
  // Headless without a selector: nobody checks where such a name leads, so the cluster need not have the family.
  const wantsBoth = spec.ipFamilyPolicy !== 'SingleStack' && (isAnywhere(service) || families.length === 2);
  if ((spec.ipFamilies?.length ?? 0) < 2)
    spec.ipFamilies = wantsBoth ? [chosen, otherFamily(chosen === 'IPv6' ? chosen : 'IPv4')] : [chosen];
  return [];
}

/** A Service that prefers two families stays as it is when the cluster gets a second one, or loses it. */
function prefersAsBefore(service: Sent<Service>, old: Sent<Service> | undefined): boolean {
  const [spec, before] = [service.spec, old?.spec];
  return (
    before !== undefined &&
    spec?.type === before.type &&
    spec?.ipFamilyPolicy === 'PreferDualStack' &&
    (before.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? []) &&
    deepEqual(spec.ipFamilies ?? [], before.ipFamilies ?? [])
  );
}

/** Nothing else being changed, one family is a clear wish to give the second back. */
function releaseSecond(spec: Sent<ServiceSpec>, old: Sent<ServiceSpec>): void {
  for (const field of ['clusterIPs', 'ipFamilies'] as const)
    if (deepEqual(spec[field] ?? [], old[field] ?? [])) spec[field] &&= spec[field].slice(0, 1);
}

function policyErrors(service: Sent<Service>, old: Sent<Service> | undefined): FieldError[] {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = service.spec ?? {};
  const refuse = (wrong: boolean, text: string): FieldError[] =>
    wrong ? [invalid(policyField, ipFamilyPolicy, text)] : [];
  const both = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (ipFamilyPolicy === 'SingleStack')
    return [
      ...refuse(clusterIPs.length === 2, `${both} cluster IPs are specified`),
      ...refuse(ipFamilies.length === 2, `${both} IP families are specified`),
    ];
  const reduced = (field: 'clusterIPs' | 'ipFamilies', now: number): boolean =>
    now > 0 && now < (old?.spec?.[field]?.length ?? 0);
  return [
    ...refuse(reduced('clusterIPs', clusterIPs.length), "must be 'SingleStack' to release the secondary cluster IP"),
    ...refuse(reduced('ipFamilies', ipFamilies.length), "must be 'SingleStack' to release the secondary IP family"),
  ];
}

/** An address without a family beside it names its own, if the cluster has that. */
function inferFamilies(spec: Sent<ServiceSpec>, families: readonly IpFamily[]): FieldError[] {
  const { clusterIPs = [] } = spec;
  const chosen = [...(spec.ipFamilies ?? [])];
  const errors = each('spec.clusterIPs', clusterIPs, (ip, at, index) => {
    const family = ip === 'None' || index < chosen.length ? undefined : parseAddress(ip)?.family;
    if (family === undefined) return [];
    if (!families.includes(family)) return [invalid(at, clusterIPs, `${family} is not configured on this cluster`)];
    chosen.push(family);
    return [];
  });
  spec.ipFamilies = chosen;
  return errors;
}

/** What the cluster cannot give. */
function wishErrors(spec: Sent<ServiceSpec>, families: readonly IpFamily[]): FieldError[] {
  return [
    ...(spec.ipFamilyPolicy === 'RequireDualStack' && families.length < 2
      ? [invalid(policyField, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...each('spec.ipFamilies', spec.ipFamilies, (family, at) =>
      families.some((known) => known === family) ? [] : [invalid(at, family, 'not configured on this cluster')],
    ),
  ];
}
