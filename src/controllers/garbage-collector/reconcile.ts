/** Decides whether an object goes, stays, or lets an owner go. */
import type { OwnerReference, StoredObject } from '../../api/index.ts';

const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

export const isDeleting = (object: StoredObject): boolean => object.metadata.deletionTimestamp !== undefined;
const hasFinalizer = (object: StoredObject, finalizer: string): boolean =>
  object.metadata.finalizers?.includes(finalizer) === true;

/** Whether the object waits for its dependents to be deleted first. */
export const waitsForDependents = (object: StoredObject): boolean =>
  isDeleting(object) && hasFinalizer(object, foregroundFinalizer);

/** What has become of an owner. `unknown`: its kind is not served now; `invalid`: it cannot be an owner at all. */
export type OwnerState = 'present' | 'waiting' | 'absent' | 'unknown' | 'invalid';

interface Observed {
  readonly object: StoredObject;
  readonly owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[];
  /**
   * Objects that name this one as an owner. Only looked at when the object is being deleted or its owner waits for it.
   */
  readonly dependents: readonly StoredObject[];
}

export type Plan =
  | { readonly type: 'none' }
  /** An owner's kind is unknown: look again later. */
  | { readonly type: 'wait' }
  | { readonly type: 'remove-finalizer'; readonly finalizer: string; readonly orphan: readonly StoredObject[] }
  /** Dependents that block the object's deletion: each is to be looked at. */
  | { readonly type: 'press-dependents'; readonly dependents: readonly StoredObject[] }
  | { readonly type: 'drop-references'; readonly references: readonly OwnerReference[] }
  | { readonly type: 'unblock-and-delete'; readonly references: readonly OwnerReference[] }
  | { readonly type: 'delete'; readonly propagation: 'Background' | 'Foreground' | 'Orphan' };

/** What garbage collection does with one object (Kubernetes' owners and dependents). */
export function planCollection(observed: Observed): Plan {
  const { object } = observed;
  return isDeleting(object) ? planDeleting(observed) : planLiving(observed);
}

/** Whether a dependent keeps its owner from going. */
function blocks(dependent: StoredObject, ownerUid: string): boolean {
  return (dependent.metadata.ownerReferences ?? []).some(
    (reference) => reference.uid === ownerUid && reference.blockOwnerDeletion === true,
  );
}

function planDeleting(observed: Observed): Plan {
  const { object, dependents } = observed;
  if (hasFinalizer(object, orphanFinalizer))
    return { type: 'remove-finalizer', finalizer: orphanFinalizer, orphan: dependents };
  if (!hasFinalizer(object, foregroundFinalizer)) return { type: 'none' };
  const blocking = dependents.filter((dependent) => blocks(dependent, object.metadata.uid));
  if (blocking.length === 0) return { type: 'remove-finalizer', finalizer: foregroundFinalizer, orphan: [] };
  return { type: 'press-dependents', dependents: dependents.filter((dependent) => !isDeleting(dependent)) };
}

function planLiving(observed: Observed): Plan {
  const { object, owners, dependents } = observed;
  if (owners.length === 0) return { type: 'none' };
  const inState = (state: OwnerState): readonly OwnerReference[] =>
    owners.filter((owner) => owner.state === state).map((owner) => owner.reference);
  if (inState('invalid').length > 0) return { type: 'none' };
  if (inState('unknown').length > 0) return { type: 'wait' };
  const gone = [...inState('absent'), ...inState('waiting')];
  if (gone.length === 0) return { type: 'none' };
  if (inState('present').length > 0) return { type: 'drop-references', references: gone };
  if (inState('waiting').length > 0 && dependents.length > 0) {
    // A dependent that waits itself would wait for this object forever: a cycle of owners is cut here.
    const cycle = dependents.some(waitsForDependents);
    return cycle
      ? { type: 'unblock-and-delete', references: object.metadata.ownerReferences ?? [] }
      : { type: 'delete', propagation: 'Foreground' };
  }
  if (hasFinalizer(object, orphanFinalizer)) return { type: 'delete', propagation: 'Orphan' };
  return { type: 'delete', propagation: hasFinalizer(object, foregroundFinalizer) ? 'Foreground' : 'Background' };
}
