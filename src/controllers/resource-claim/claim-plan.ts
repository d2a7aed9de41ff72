/** Decides what becomes of a claim whose users end: whom it is kept for, when its devices are given back. */
import {
  controllerOf,
  deviceFinalizer,
  isFinished,
  type Pod,
  type ResourceClaim,
  type ResourceClaimConsumerReference,
} from '../../api/index.ts';

interface ClaimObserved {
  readonly claim: ResourceClaim;
  pod(name: string): Pod | undefined;
}

/** One write; the next one is planned on what it made. */
type ClaimStep =
  | { readonly type: 'none' }
  /** The status without the users that are gone and, without any, without devices. */
  | { readonly type: 'status'; readonly status: object }
  /** Nothing holds it any more. */
  | { readonly type: 'release'; readonly finalizers: readonly string[] }
  /** It was made for a pod that has ended. */
  | { readonly type: 'delete' };

/** Whether a pod will use nothing more: it has ended, or goes without ever having had a node. */
export function hasEnded({ metadata, spec, status }: Pod): boolean {
  return isFinished({ status }) || (metadata.deletionTimestamp !== undefined && (spec.nodeName ?? '') === '');
}

/** Plans the next step for one claim. */
export function planClaim({ claim, pod }: ClaimObserved): ClaimStep {
  const { reservedFor = [], allocation } = claim.status ?? {};
  const { finalizers = [], deletionTimestamp } = claim.metadata;
  const kept = reservedFor.filter((consumer) => isKept(consumer, pod));
  const isOurs = finalizers.includes(deviceFinalizer);
  const lost = kept.length < reservedFor.length;
  const isIdle = kept.length === 0 && (lost || deletionTimestamp !== undefined);
  const givesBack = isOurs && isIdle && allocation !== undefined;
  if (lost || givesBack) return { type: 'status', status: statusOf(claim, kept, givesBack) };
  if (isOurs && kept.length === 0 && allocation === undefined)
    return { type: 'release', finalizers: finalizers.filter((name) => name !== deviceFinalizer) };
  return kept.length === 0 && deletionTimestamp === undefined && ownerHasEnded(claim, pod)
    ? { type: 'delete' }
    : { type: 'none' };
}

/** Users of other kinds are their own controllers' business. */
function isKept(
  { apiGroup = '', resource, name, uid }: ResourceClaimConsumerReference,
  pod: ClaimObserved['pod'],
): boolean {
  if (apiGroup !== '' || resource !== 'pods') return true;
  const found = pod(name);
  return found?.metadata.uid === uid && !hasEnded(found);
}

function statusOf(
  { status = {} }: ResourceClaim,
  kept: readonly ResourceClaimConsumerReference[],
  givesBack: boolean,
): object {
  const { reservedFor: _all, allocation, devices, ...rest } = status;
  return {
    ...rest,
    reservedFor: kept.length === 0 ? undefined : kept,
    allocation: givesBack ? undefined : allocation,
    devices: givesBack ? undefined : devices,
  };
}

/** A claim whose pod is gone altogether is the garbage collector's. */
function ownerHasEnded(claim: ResourceClaim, pod: ClaimObserved['pod']): boolean {
  const owner = controllerOf(claim);
  if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1') return false;
  const found = pod(owner.name);
  return found?.metadata.uid === owner.uid && hasEnded(found);
}
