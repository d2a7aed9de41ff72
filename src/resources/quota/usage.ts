/** What an object uses up of a quota. */

import {
  type CountedObject,
  type GroupResource,
  type Quantity,
  quantityOf,
  type QuotaRules,
  type ResourceAmounts,
} from '../../api/index.ts';

const one = quantityOf(1);

/** By the names that a quota's `hard` has (KEP: resource quota v2). `rules` are those of the kind, if any. */
export function usageOf(
  { group, resource }: GroupResource,
  rules: QuotaRules | undefined,
  object: CountedObject,
): ResourceAmounts {
  const usage = new Map<string, Quantity>([[`count/${group === '' ? resource : `${resource}.${group}`}`, one]]);
  if (rules?.plainCount === true) usage.set(resource, one);
  for (const [name, quantity] of rules?.usage?.(object) ?? []) usage.set(name, quantity);
  return usage;
}
