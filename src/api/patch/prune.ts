/** Removes the fields that a manager has stopped applying. */

import { difference, type FieldSet, intersection, isEmptySet, union } from './field-set.ts';
import type { MergeNode } from './merge-schema.ts';
import { fieldsOf, withNamedFields } from './typed-fields.ts';
import { removeFields } from './typed-remove.ts';

/**
 * The merged object without what its manager applied before and no longer does. What another manager claims stays, and
 * so does what nobody claims but the manager never applied.
 */
export function prune(
  node: MergeNode,
  merged: unknown,
  owners: { readonly last: FieldSet; readonly claimed: FieldSet },
): unknown {
  if (isEmptySet(owners.last)) return merged;
  const last = withNamedFields(node, owners.last);
  const named = (value: unknown): FieldSet => withNamedFields(node, fieldsOf(node, value));
  const all = named(merged);
  const bare = removeFields(node, merged, last);
  const kept = union(named(bare), withNamedFields(node, owners.claimed));
  const withClaimed = removeFields(node, merged, difference(all, kept));
  const dangling = intersection(difference(all, named(withClaimed)), last);
  return removeFields(node, merged, dangling);
}
