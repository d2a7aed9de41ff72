/** Decides whether a claim or a volume is held because something uses it. */
import type { StoredObject } from '../../api/index.ts';

/**
 * The finalizers to write; undefined: they are right. An object is held from the start, and let go once it is being
 * deleted and not used (`isUsed` is asked only then).
 */
export function planFinalizers(
  object: StoredObject,
  finalizer: string,
  isUsed: () => boolean,
): readonly string[] | undefined {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  const isHeld = finalizers.includes(finalizer);
  if (deletionTimestamp === undefined) return isHeld ? undefined : [...finalizers, finalizer];
  return !isHeld || isUsed() ? undefined : finalizers.filter((known) => known !== finalizer);
}
