/** Allocates the cluster addresses of Services. */
import {
  canonicalAddress,
  familyOf,
  findResource,
  heldAddress,
  internalError,
  invalid,
  invalidError,
  networkSize,
  parseAddress,
  type IpFamily,
  type ResourceInfo,
  resources,
  type ServiceCIDR,
  timeText,
} from '../../api/index.ts';
import { assert, type Revision } from '../../base/index.ts';
import type { Operation } from '../../state/index.ts';
import { putOperation } from '../stored/commit.ts';
import { objectKey } from '../stored/key.ts';
import { readObjects } from '../stored/reading.ts';
import { addressOf, type AddressRange, addressRange, isUsable } from './address.ts';
import { type Allocation, type AllocatorPorts, type Holder, type Mode, nothingAllocated } from './allocation.ts';
import { addressesOf, needsAddress, type SentServiceSpec } from './service-shape.ts';
import { addressBand, staticBand } from './static-band.ts';

const storage = resources.ipAddresses;
const randomTries = 64;

interface Addresses {
  take(
    spec: SentServiceSpec,
    holder: Holder,
    options: { readonly held: readonly string[]; readonly mode: Mode },
  ): Allocation;
  release(addresses: readonly string[]): readonly Operation[];
}

export const addressKey = (address: string): string => objectKey(storage, undefined, canonicalAddress(address));

/** Service addresses; what holds one is its IPAddress object. */
export function createAddresses(ports: AllocatorPorts): Addresses {
  const ranges = (): AddressRange[] => {
    const more = readObjects<ServiceCIDR>(ports.store, resources.serviceCIDRs)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .flatMap(({ spec }) => spec?.cidrs ?? []);
    return [...new Set([...ports.settings.serviceCidrs, ...more])].flatMap((text) => addressRange(text) ?? []);
  };
  const isFree = (address: string): boolean => ports.store.get(addressKey(address)) === undefined;
  return {
    take(spec, holder, { held, mode }) {
      if (!needsAddress(spec)) return nothingAllocated;
      for (const address of addressesOf(spec))
        if (!held.includes(address))
          checkWanted(address, { spec, holder, ranges: ranges(), isFree, dryRun: mode === 'dry' });
      const missing = missingFamilies(spec);
      if (missing.length > 0) {
        const given = ranges();
        const chosen = missing.map((family) => {
          const own = given.filter((range) => range.family === family);
          return mode === 'real' ? chooseAddress(own, ports, isFree) : madeUp(own);
        });
        const all = [...addressesOf(spec), ...chosen];
        spec.clusterIPs = all;
        spec.clusterIP = all[0] ?? '';
      }
      const fresh = mode !== 'real' ? [] : addressesOf(spec).filter((address) => !held.includes(address));
      return {
        compares: fresh.map((address) => ({ key: addressKey(address), revision: 0 as Revision })),
        operations: fresh.map((address) => putAddress(ports, address, holder)),
      };
    },
    release: (addresses) => addresses.map((address) => ({ type: 'delete', key: addressKey(address) })),
  };
}

/** The families that the Service has no address of yet, in its order. */
function missingFamilies(spec: SentServiceSpec): readonly IpFamily[] {
  const families = (spec.ipFamilies ?? ['IPv4']).map((family): IpFamily => (family === 'IPv6' ? family : 'IPv4'));
  return families.slice(addressesOf(spec).length);
}

/** What stands for an address that is not taken: the network's own, as upstream's dry run has it. */
const madeUp = ([first]: readonly AddressRange[]): string => (first === undefined ? '' : addressOf(first, 0));

interface Wish {
  readonly spec: SentServiceSpec;
  readonly holder: Holder;
  readonly ranges: readonly AddressRange[];
  readonly isFree: (address: string) => boolean;
  readonly dryRun: boolean;
}

function checkWanted(address: string, wish: Wish): void {
  const problem = wishProblem(address, wish);
  if (problem === undefined) return;
  const { spec, holder } = wish;
  throw invalidError({
    group: '',
    kind: 'Service',
    name: holder.name,
    errors: [invalid('spec.clusterIPs', spec.clusterIPs ?? [address], `failed to allocate IP ${address}: ${problem}`)],
  });
}

/** Like upstream, a dry run does not look at what is taken, and has other words for what lies outside. */
function wishProblem(text: string, { ranges, isFree, dryRun }: Wish): string | undefined {
  const address = parseAddress(text);
  const inRange = address !== undefined && ranges.some((range) => isUsable(range, address));
  if (inRange) return dryRun || isFree(text) ? undefined : 'provided IP is already allocated';
  const first = ranges.find(({ family }) => family === familyOf(text));
  return dryRun
    ? `the provided IP (${text}) is not in the valid range. The range of valid IPs is ${first?.text ?? ''}`
    : 'the provided network does not match the current range';
}

/** Of a large range only so many addresses are chosen from. */
const choicesMax = 2 ** 30;

/**
 * A random free address of the upper part of a range, which leaves the lower part to those who choose by themselves
 * (KEP-3070).
 */
function chooseAddress(
  ranges: readonly AddressRange[],
  { random }: AllocatorPorts,
  isFree: (address: string) => boolean,
): string {
  for (const range of ranges) {
    const count = range.usable > choicesMax ? choicesMax : Number(range.usable);
    const skipped = staticBand(Number(networkSize(range.network)), addressBand);
    for (let tries = 0; tries < randomTries; tries++) {
      const address = addressOf(range, 1 + skipped + random.below(Math.max(1, count - skipped)));
      if (isFree(address)) return address;
    }
    for (let offset = 0; offset < count; offset++) {
      const address = addressOf(range, 1 + ((skipped + offset) % count));
      if (isFree(address)) return address;
    }
  }
  throw internalError('failed to allocate a serviceIP: range is full');
}

let addressInfo: ResourceInfo | undefined;

function putAddress({ random, clock }: AllocatorPorts, address: string, holder: Holder): Operation {
  addressInfo ??= findResource('networking.k8s.io', 'v1', 'ipaddresses');
  assert(addressInfo !== undefined, 'IPAddress is a known kind');
  const held = heldAddress(address, holder);
  return putOperation({
    info: addressInfo,
    object: {
      kind: 'IPAddress',
      apiVersion: 'networking.k8s.io/v1',
      spec: held.spec,
      metadata: { ...held.metadata, uid: random.uuid(), creationTimestamp: timeText(clock.now()) },
    },
  });
}
