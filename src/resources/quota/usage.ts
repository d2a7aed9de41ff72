/** What an object uses up of a quota. */

import { type CountedObject, type GroupResource, type Quantity, quantityOf, type QuotaRules } from '../../api/index.ts';
import type { ResourceList } from '../admission/pod-resources.ts';

const one = quantityOf(1);

/** By the names that a quota's `hard` has (KEP: resource quota v2). `rules` are those of the kind, if any. */
export function usageOf(
  { group, resource }: GroupResource,
  rules: QuotaRules | undefined,
  object: CountedObject,
): ResourceList {
  const usage = new Map<string, Quantity>([[`count/${group === '' ? resource : `${resource}.${group}`}`, one]]);
  if (rules?.plainCount === true) usage.set(resource, one);
  for (const [name, quantity] of rules?.usage?.(object) ?? []) usage.set(name, quantity);
  return usage;
}
