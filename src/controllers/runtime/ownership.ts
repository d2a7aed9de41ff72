/** Which objects a controller's object owns, takes over and lets go (Kubernetes' ControllerRefManager). */
import {
  controllerOf,
  type KubeObject,
  type LabelSelector,
  labelSelectorMatches,
  type OwnerReference,
  type StoredObject,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';

/** The keys of the owners of one kind that manage an object, before its change and after it. */
export function controllerKeys(change: ObjectChange, kind: string): Set<string> {
  const keys = new Set<string>();
  for (const object of [change.object, ...(change.previous === undefined ? [] : [change.previous])]) {
    const controller = controllerOf(object);
    if (controller?.kind === kind) keys.add(`${object.metadata.namespace ?? ''}/${controller.name}`);
  }
  return keys;
}

/** Whether `owner` manages `object`. */
export function isControlledBy(object: KubeObject, owner: StoredObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference that makes `owner` the controller of an object. */
export function controllerReference(owner: StoredObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

interface Claims<T> {
  /** Objects that belong to the owner now. */
  readonly owned: readonly T[];
  /** Orphans that match and are taken over. */
  readonly adopt: readonly T[];
  /** Owned objects that no longer match and are let go. */
  readonly release: readonly T[];
}

/**
 * Sorts candidates into owned, adoptable and to be released (Kubernetes' ControllerRefManager). An owner that is being
 * deleted takes and releases nothing; an object that is being deleted is never taken over.
 */
export function claim<T extends StoredObject>(
  owner: StoredObject,
  selector: LabelSelector,
  candidates: readonly T[],
): Claims<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const deleting = owner.metadata.deletionTimestamp !== undefined;
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    if (controller !== undefined && controller.uid !== owner.metadata.uid) continue;
    const matches = labelSelectorMatches(selector, candidate.metadata.labels);
    if (controller !== undefined) {
      if (matches) owned.push(candidate);
      else if (!deleting) release.push(candidate);
    } else if (matches && !deleting && candidate.metadata.deletionTimestamp === undefined) adopt.push(candidate);
  }
  return { owned, adopt, release };
}

/** The owner references after the owner was made controller. */
export function adoptedReferences(object: KubeObject, owner: StoredObject): readonly OwnerReference[] {
  return [
    ...(object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner.metadata.uid),
    controllerReference(owner),
  ];
}

/** The owner references without this owner. */
export function releasedReferences(object: KubeObject, ownerUid: string): readonly OwnerReference[] {
  return (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== ownerUid);
}
