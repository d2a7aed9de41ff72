/** Rules about the metadata of objects. */
import type { GroupResource, KubeObject } from '../object.ts';
import type { OwnerReference } from './generated/meta-v1.ts';

type Owned = { readonly metadata: Pick<KubeObject['metadata'], 'ownerReferences'> };

/** The owner that manages the object, if any (metav1 GetControllerOf). */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function sameResource(one: GroupResource, other: GroupResource): boolean {
  return one.resource === other.resource && one.group === other.group;
}
