/** Who owns the claims of a StatefulSet's pods: the set, the pod or nobody. */
import type { ObjectMeta, OwnerReference, Pod, StatefulSet, StoredObject } from '../../api/index.ts';
import { controllerReference } from '../runtime/index.ts';
import { isInRange } from './stateful-set.ts';

const isNamed = (reference: OwnerReference, owner: StoredObject): boolean =>
  reference.apiVersion === owner.apiVersion && reference.kind === owner.kind && reference.name === owner.metadata.name;

/** Whether the claim still belongs to an earlier pod of this name (or to one that is only now to be made). */
export function isOfEarlierPod(claim: StoredObject, pod: Pick<ObjectMeta, 'name' | 'uid'>): boolean {
  const reference = claim.metadata.ownerReferences?.find(
    (one) => one.apiVersion === 'v1' && one.kind === 'Pod' && one.name === pod.name,
  );
  return reference !== undefined && reference.uid !== pod.uid;
}

const retentionOf = (set: StatefulSet): { readonly whenDeleted: boolean; readonly whenScaled: boolean } => {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { whenDeleted: whenDeleted === 'Delete', whenScaled: whenScaled === 'Delete' };
};

export const goesWhenScaled = (set: StatefulSet): boolean => retentionOf(set).whenScaled;

/**
 * The owners that the retention policy gives a pod's claim: the set while the claim is to go with it, the pod once the
 * set was scaled below it. Undefined when the claim has them already, or when it belongs to others, who are left alone.
 */
export function claimOwners(set: StatefulSet, pod: Pod, claim: StoredObject): readonly OwnerReference[] | undefined {
  const current = claim.metadata.ownerReferences ?? [];
  const ours = current.filter((reference) => isNamed(reference, set) || isNamed(reference, pod));
  if (ours.some((reference) => reference.uid !== set.metadata.uid && reference.uid !== pod.metadata.uid))
    return undefined;
  const others = current.filter((reference) => !ours.includes(reference));
  const { whenDeleted, whenScaled } = retentionOf(set);
  const foreign = (whenDeleted || whenScaled) && others.some((reference) => reference.controller === true);
  const scaledDown = whenScaled && !isInRange(set, pod);
  const owner = foreign ? undefined : scaledDown ? pod : whenDeleted ? set : undefined;
  const wanted = owner === undefined ? [] : [controllerReference(owner)];
  const same =
    ours.length === wanted.length &&
    ours.every((reference) => reference.controller === true && reference.uid === owner?.metadata.uid);
  return same ? undefined : [...others, ...wanted];
}
