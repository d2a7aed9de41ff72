/** Allocates the cluster addresses of Services. */
import {
  findResource,
  internalError,
  invalid,
  invalidError,
  ipv4Number,
  ipv4Text,
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
import { type AddressRange, addressRange, isUsable } from './address.ts';
import { type Allocation, type AllocatorPorts, type Holder, type Mode, nothingAllocated } from './allocation.ts';
import { addressesOf, needsAddress, type SentServiceSpec } from './service-shape.ts';

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

export const addressKey = (address: string): string => objectKey(storage, undefined, address);

/** Service addresses; what holds one is its IPAddress object. */
export function createAddresses(ports: AllocatorPorts): Addresses {
  const ranges = (): AddressRange[] => {
    const first = ports.settings.serviceCidr;
    const more = readObjects<ServiceCIDR>(ports.store, resources.serviceCIDRs)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .flatMap(({ spec }) => spec?.cidrs ?? []);
    return [...new Set([first, ...more])].flatMap((text) => addressRange(text) ?? []);
  };
  const isFree = (address: string): boolean => ports.store.get(addressKey(address)) === undefined;
  return {
    take(spec, holder, { held, mode }) {
      if (!needsAddress(spec)) return nothingAllocated;
      const wanted = addressesOf(spec);
      for (const address of wanted)
        if (!held.includes(address))
          checkWanted(address, { spec, holder, ranges: ranges(), isFree, dryRun: mode === 'dry' });
      if (wanted.length === 0) {
        const chosen = mode !== 'real' ? ipv4Text(ranges()[0]?.first ?? 0) : chooseAddress(ranges(), ports, isFree);
        spec.clusterIP = chosen;
        spec.clusterIPs = [chosen];
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
function wishProblem(address: string, { ranges, isFree, dryRun }: Wish): string | undefined {
  const number = ipv4Number(address);
  const inRange = number !== undefined && ranges.some((range) => isUsable(range, number));
  if (inRange) return dryRun || isFree(address) ? undefined : 'provided IP is already allocated';
  return dryRun
    ? `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${ranges[0]?.text ?? ''}`
    : 'the provided network does not match the current range';
}

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
    const reserved = Math.min(Math.max(16, Math.floor(range.size / 16)), 256);
    const start = range.size > reserved + 2 ? reserved + 1 : 1;
    for (let tries = 0; tries < randomTries; tries++) {
      const address = range.first + start + random.below(Math.max(1, range.size - start - 1));
      if (isUsable(range, address) && isFree(ipv4Text(address))) return ipv4Text(address);
    }
    for (let offset = 1; offset < range.size - 1; offset++) {
      const address = range.first + ((start - 1 + offset) % range.size);
      if (isUsable(range, address) && isFree(ipv4Text(address))) return ipv4Text(address);
    }
  }
  throw internalError('failed to allocate a serviceIP: range is full');
}

let addressInfo: ResourceInfo | undefined;

function putAddress({ random, clock }: AllocatorPorts, address: string, { namespace, name }: Holder): Operation {
  addressInfo ??= findResource('networking.k8s.io', 'v1', 'ipaddresses');
  assert(addressInfo !== undefined, 'IPAddress is a known kind');
  return putOperation({
    info: addressInfo,
    object: {
      kind: 'IPAddress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: {
        name: address,
        uid: random.uuid(),
        creationTimestamp: timeText(clock.now()),
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace, name } },
    },
  });
}
