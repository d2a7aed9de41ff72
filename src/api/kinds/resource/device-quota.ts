/** What ResourceClaims use of a quota: devices of each class, `gpu.deviceclass.resource.k8s.io/devices`. */

import { type Quantity, quantityOf } from '../../machinery/index.ts';
import type { DeviceRequest, DeviceSubRequest, Sent } from '../../objects/index.ts';
import type { QuotaRules } from '../quota.ts';

const suffix = '.deviceclass.resource.k8s.io/devices';
/** A request for all devices may get as many as a claim can have. */
const allocatedMax = 32;

/** Either version's form. */
type AnyRequest = Sent<DeviceRequest> & { readonly exactly?: Sent<DeviceSubRequest> };

interface CountedClaim {
  readonly spec?: { readonly devices?: { readonly requests?: readonly AnyRequest[] } };
}

const countOf = ({ allocationMode, count = 1 }: Sent<DeviceRequest | DeviceSubRequest>): number =>
  allocationMode === 'All' ? allocatedMax : count;

/** Of alternatives only one counts in the end: of each class the most that one of them asks for. */
function devicesByClass({ exactly, firstAvailable = [], ...own }: AnyRequest): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const wish of firstAvailable.length > 0 ? firstAvailable : [exactly ?? own]) {
    const { deviceClassName = '' } = wish;
    counts.set(deviceClassName, Math.max(counts.get(deviceClassName) ?? 0, countOf(wish)));
  }
  return counts;
}

export const deviceQuota: QuotaRules = {
  counts: (name) => name.endsWith(suffix),
  usage(object) {
    const used = new Map<string, Quantity>();
    const counts = new Map<string, number>();
    for (const request of (object as CountedClaim).spec?.devices?.requests ?? [])
      for (const [name, count] of devicesByClass(request)) counts.set(name, (counts.get(name) ?? 0) + count);
    for (const [name, count] of counts) used.set(`${name}${suffix}`, quantityOf(count));
    return used;
  },
};
