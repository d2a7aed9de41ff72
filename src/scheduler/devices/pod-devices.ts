/** The claims on devices of a pod, as the scheduler looks at them. */
import {
  type AllocationResult,
  type DeviceClass,
  type DeviceRequest,
  type DeviceSelector,
  type DeviceSubRequest,
  isClaimFor,
  isReservedForPod,
  type Pod,
  podClaimOf,
  type ResourceClaim,
} from '../../api/index.ts';
import { limits } from '../../base/index.ts';
import type { NodeState } from '../node-state.ts';
import { allocationOf } from './allocation.ts';
import { allocate, type PendingClaim, type SearchBudget, type Wish } from './allocator.ts';
import type { DeviceBook } from './device-book.ts';

interface AllocatedClaim {
  readonly claim: ResourceClaim;
  readonly allocation: AllocationResult;
}

interface PodDevices {
  /** Claims that have devices already. */
  readonly allocated: readonly AllocatedClaim[];
  readonly pending: readonly PendingClaim[];
}

/** Why a pod cannot have its devices wherever it is placed. */
interface Refusal {
  readonly refusal: string;
  /** What it lacks is being made. */
  readonly waits?: true | undefined;
}

/** A claim of a pod that gets a node, with the devices that it has or gets there. */
export interface ClaimBinding {
  readonly claim: ResourceClaim;
  readonly allocation: AllocationResult;
}

/** Pods that may use a claim at the same time, as the API bounds its status. */
const consumersMax = 256;
/** Looks at single devices that the searches for one pod may make together. */
const looksMax = 200_000;

export const searchBudget = (): SearchBudget => ({ left: looksMax, cost: { left: limits.celCostMax } });

/** The claims of a pod that names some. */
export function podDevices(pod: Pod, book: DeviceBook): PodDevices | Refusal {
  const allocated: AllocatedClaim[] = [];
  const pending: PendingClaim[] = [];
  for (const entry of pod.spec.resourceClaims ?? []) {
    const known = podClaimOf(pod, entry);
    if (known.state === 'needless') continue;
    if (known.state === 'waiting') return { refusal: `resourceclaim for "${entry.name}" is not made yet`, waits: true };
    const claim = book.sources.claim(pod.metadata.namespace, known.claim);
    const refusal = claimRefusal(pod, known.claim, claim);
    if (claim === undefined || refusal !== undefined) return { refusal: refusal ?? '' };
    if (!isClaimFor(pod, entry, claim))
      return { refusal: `resourceclaim "${known.claim}" was not created for the pod` };
    const allocation = book.allocationOf(claim);
    if (allocation !== undefined) allocated.push({ claim, allocation });
    else {
      const wishes = wishesOf(claim, book);
      if ('refusal' in wishes) return wishes;
      pending.push({ claim, requests: wishes.requests });
    }
  }
  return { allocated, pending };
}

function claimRefusal(pod: Pod, name: string, claim: ResourceClaim | undefined): string | undefined {
  if (claim === undefined) return `resourceclaim "${name}" not found`;
  if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${name}" is being deleted`;
  const isFull = (claim.status?.reservedFor?.length ?? 0) >= consumersMax;
  return isFull && !isReservedForPod(claim, pod.metadata.uid) ? `resourceclaim "${name}" is in use` : undefined;
}

function wishesOf(
  { spec, metadata }: ResourceClaim,
  book: DeviceBook,
): { readonly requests: readonly (readonly Wish[])[] } | Refusal {
  const requests: (readonly Wish[])[] = [];
  for (const request of spec.devices?.requests ?? []) {
    const { name, firstAvailable = [] } = request;
    const ways: readonly (readonly [string, DeviceRequest | DeviceSubRequest])[] =
      firstAvailable.length === 0
        ? [[name, request]]
        : firstAvailable.map((way) => [`${name}/${way.name}`, way] as const);
    const wishes: Wish[] = [];
    for (const [full, way] of ways) {
      const deviceClass = book.sources.deviceClass(way.deviceClassName ?? '');
      if (deviceClass === undefined)
        return {
          refusal:
            `resourceclaim "${metadata.name}", request ${full}: ` +
            `device class "${way.deviceClassName ?? ''}" does not exist`,
        };
      wishes.push(wishOf(full, way, deviceClass));
    }
    requests.push(wishes);
  }
  return { requests };
}

const expressionsOf = (selectors: readonly DeviceSelector[] | undefined): readonly string[] =>
  (selectors ?? []).flatMap(({ cel }) => (cel === undefined ? [] : [cel.expression]));

function wishOf(request: string, way: DeviceRequest | DeviceSubRequest, deviceClass: DeviceClass): Wish {
  return {
    request,
    className: deviceClass.metadata.name,
    expressions: [...expressionsOf(deviceClass.spec.selectors), ...expressionsOf(way.selectors)],
    count: way.allocationMode === 'All' ? undefined : (way.count ?? 1),
    admin: 'adminAccess' in way && way.adminAccess === true,
  };
}

/** What a pod's claims get on a node, those that have devices already included; or why they get none. */
export function claimsOn(
  { allocated, pending }: PodDevices,
  node: NodeState,
  { book, budget }: { readonly book: DeviceBook; readonly budget: SearchBudget },
): readonly ClaimBinding[] | { readonly reason: string } {
  if (pending.length === 0) return allocated;
  const found = allocate(pending, {
    reachable: book.reachable(node),
    isTaken: (key) => book.isTaken(key),
    budget,
  });
  if ('reason' in found) return found;
  const classOf = (name: string): DeviceClass | undefined => book.sources.deviceClass(name);
  return [
    ...allocated,
    ...found.map((choice) => ({ claim: choice.claim, allocation: allocationOf(choice, node, classOf) })),
  ];
}
