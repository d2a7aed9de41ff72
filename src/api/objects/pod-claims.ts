/** The claims on devices that pods name. */

import type { Pod, PodResourceClaim } from './generated/core-v1.ts';
import type { ResourceClaim, ResourceClaimConsumerReference } from './generated/resource-v1beta1.ts';
import type { View } from './views.ts';

/** What is known of one claim of a pod. */
type PodClaim =
  | { readonly state: 'named'; readonly claim: string }
  /** It is made from a template, and is not made yet. */
  | { readonly state: 'waiting' }
  /** The template said that nothing is needed. */
  | { readonly state: 'needless' };

/** Which ResourceClaim an entry of `spec.resourceClaims` stands for, in the pod's namespace. */
export function podClaimOf(pod: View<Pod>, entry: View<PodResourceClaim>): PodClaim {
  if (entry.resourceClaimName !== undefined) return { state: 'named', claim: entry.resourceClaimName };
  const made = pod.status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  if (made === undefined) return { state: 'waiting' };
  return made.resourceClaimName === undefined
    ? { state: 'needless' }
    : { state: 'named', claim: made.resourceClaimName };
}

/** The names of the claims of a pod that are known. */
export function podClaimNames(pod: View<Pod>): readonly string[] {
  return (pod.spec?.resourceClaims ?? []).flatMap((entry) => {
    const found = podClaimOf(pod, entry);
    return found.state === 'named' ? [found.claim] : [];
  });
}

/** Whether a pod may use a claim: one that is made from a template is for the pod that it was made for. */
export function isClaimFor(pod: View<Pod>, entry: View<PodResourceClaim>, claim: View<ResourceClaim>): boolean {
  if (entry.resourceClaimTemplateName === undefined) return true;
  return (claim.metadata?.ownerReferences ?? []).some(
    ({ uid, controller }) => controller === true && uid === pod.metadata?.uid,
  );
}

/** How a claim's status names a pod that uses it. */
export function podConsumer(pod: Pod): ResourceClaimConsumerReference {
  return { resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid };
}

/** Whether a pod may use a claim's devices now. */
export function isReservedForPod(claim: View<ResourceClaim>, uid: string): boolean {
  return (claim.status?.reservedFor ?? []).some((consumer) => consumer.uid === uid);
}

/** Keeps a claim while it has devices. */
export const deviceFinalizer = 'resource.kubernetes.io/delete-protection';
