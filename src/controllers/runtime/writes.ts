/** The writes that controllers share: each holds only for the very object that was read. */
import { type GroupResource, type StoredObject, timeText } from '../../api/index.ts';
import type { ControllerPorts } from './controller.ts';
import { isConflict, isNotFound, unlessGone } from './failures.ts';
import { adoptedReferences, releasedReferences } from './ownership.ts';

/** Names an object for the client. */
export function refOf(
  resource: GroupResource,
  object: StoredObject,
): { readonly group: string; readonly resource: string; readonly namespace?: string; readonly name: string } {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? { ...resource, name } : { ...resource, namespace, name };
}

/** Replaces the status of the object as read; a newer object is a conflict, and the object is reconciled again. */
export async function writeStatus(
  ports: ControllerPorts,
  resource: GroupResource,
  object: StoredObject,
  status: unknown,
): Promise<void> {
  await ports.client.update(refOf(resource, object), { ...object, status }, { subresource: 'status' });
}

/** A merge patch that only holds for this very object (its UID), in this version when `exact`. */
export async function patchObject(
  ports: ControllerPorts,
  resource: GroupResource,
  object: StoredObject,
  patch: { readonly metadata?: object; readonly [field: string]: unknown },
): Promise<void> {
  const metadata = { ...patch.metadata, uid: object.metadata.uid };
  await ports.client.patch(refOf(resource, object), { type: 'merge', body: { ...patch, metadata } });
}

/** Sets the finalizers of this very object in this very version; gone already is fine. */
export async function patchFinalizers(
  ports: ControllerPorts,
  resource: GroupResource,
  object: StoredObject,
  finalizers: readonly string[],
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const metadata = { uid, resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers };
  await unlessGone(ports.client.patch(refOf(resource, object), { type: 'merge', body: { metadata } }));
}

/** Deletes this very object; gone already is fine. */
export async function deleteObject(
  ports: ControllerPorts,
  resource: GroupResource,
  object: StoredObject,
  propagation?: 'Background' | 'Foreground' | 'Orphan',
): Promise<void> {
  await unlessGone(ports.client.delete(refOf(resource, object), { uid: object.metadata.uid, propagation }));
}

interface ClaimWrites<T> {
  readonly owner: StoredObject;
  readonly adopt: readonly T[];
  readonly release: readonly T[];
  /** The owner's own finalizer, which adopted objects get and released ones lose; absent: it has none. */
  readonly finalizer?: string | undefined;
}

/**
 * Makes `owner` the controller of the objects, and lets others go. The read version is a precondition: two owners never
 * share.
 */
export async function performClaims<T extends StoredObject>(
  ports: ControllerPorts,
  resource: GroupResource,
  { owner, adopt, release, finalizer }: ClaimWrites<T>,
): Promise<void> {
  const write = (object: T, ownerReferences: readonly unknown[], finalizers: readonly string[]): Promise<void> =>
    patchObject(ports, resource, object, {
      metadata: {
        resourceVersion: object.metadata.resourceVersion,
        ownerReferences: ownerReferences.length === 0 ? null : ownerReferences,
        ...(finalizer === undefined ? {} : { finalizers: finalizers.length === 0 ? null : finalizers }),
      },
    });
  const others = ({ metadata }: T): readonly string[] =>
    (metadata.finalizers ?? []).filter((candidate) => candidate !== finalizer);
  await Promise.all([
    ...adopt.map((object) =>
      unlessGone(
        write(object, adoptedReferences(object, owner), [
          ...others(object),
          ...(finalizer === undefined ? [] : [finalizer]),
        ]),
      ),
    ),
    ...release.map((object) =>
      unlessGone(write(object, releasedReferences(object, owner.metadata.uid), others(object))),
    ),
  ]);
}

/**
 * Runs `count` calls in batches of 1, 2, 4, … so that a call that always fails is made once and not `count` times.
 * Answers how many succeeded, and the first failure.
 */
export async function slowStart(
  count: number,
  call: (index: number) => Promise<void>,
): Promise<{ readonly done: number; readonly failure?: unknown }> {
  let done = 0;
  for (let size = 1; done < count; size *= 2) {
    const results = await Promise.allSettled(
      Array.from({ length: Math.min(size, count - done) }, (_, index) => call(done + index)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    done += results.filter((result) => result.status === 'fulfilled').length;
    if (failed !== undefined) return { done, failure: failed.reason };
  }
  return { done };
}

/**
 * Runs all calls and throws the first failure after all have ended; objects that are gone or changed meanwhile are
 * reconciled again anyway.
 */
export async function performAll(calls: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(calls);
  const failed = results.find(
    (result) => result.status === 'rejected' && !isNotFound(result.reason) && !isConflict(result.reason),
  );
  if (failed?.status === 'rejected') throw failed.reason;
  const conflict = results.find((result) => result.status === 'rejected' && isConflict(result.reason));
  if (conflict?.status === 'rejected') throw conflict.reason;
}

/** "Now" as metav1.Time. */
export function nowText(ports: ControllerPorts): string {
  return timeText(ports.clock.now());
}
