/** Amounts of resources by name (core/v1 ResourceList), held exactly. */
import { addQuantity, compareQuantity, parseQuantity, type Quantity } from '../machinery/index.ts';

export type ResourceAmounts = ReadonlyMap<string, Quantity>;

const nothing: ResourceAmounts = new Map();

/** The amounts of a resource list (requests, limits, capacity, hard …). Throws QuantityError. */
export function resourceAmounts(list: Readonly<Record<string, string | number>> | null | undefined): ResourceAmounts {
  if (list === undefined || list === null) return nothing;
  return new Map(Object.entries(list).map(([name, quantity]) => [name, parseQuantity(quantity)]));
}

/** The sum, resource by resource. */
export function addAmounts(left: ResourceAmounts, right: ResourceAmounts): ResourceAmounts {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const sum = new Map(left);
  for (const [name, quantity] of right) {
    const present = sum.get(name);
    sum.set(name, present === undefined ? quantity : addQuantity(present, quantity));
  }
  return sum;
}

/** The greater amount, resource by resource. */
export function maxAmounts(left: ResourceAmounts, right: ResourceAmounts): ResourceAmounts {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const most = new Map(left);
  for (const [name, quantity] of right) {
    const present = most.get(name);
    if (present === undefined || compareQuantity(quantity, present) > 0) most.set(name, quantity);
  }
  return most;
}
