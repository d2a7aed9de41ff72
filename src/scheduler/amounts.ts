/** What pods need and nodes give, as plain numbers that can be added and compared fast. */
import {
  type Pod,
  podResourcesInUse,
  quantityMilli,
  quantityOf,
  quantityOfMilli,
  quantityUnits,
  type ResourceAmounts,
} from '../api/index.ts';

/**
 * Amounts of resources: CPU in thousandths of a core, memory and ephemeral storage in bytes, everything else in whole
 * units by name.
 */
export interface Amounts {
  cpuMilli: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources and huge pages; absent when there are none. */
  others: Map<string, number> | undefined;
}

export const noAmounts = (): Amounts => ({ cpuMilli: 0, memory: 0, ephemeralStorage: 0, others: undefined });

/** What a container without requests is taken to need when nodes are scored (not when they are filtered). */
const assumed: ResourceAmounts = new Map([
  ['cpu', quantityOfMilli(100)],
  ['memory', quantityOf(200 * 1024 * 1024, 'BinarySI')],
]);

/** The amounts as numbers, rounded up. `pods` is counted elsewhere. */
export function amountsOf(exact: ResourceAmounts): Amounts {
  const amounts = noAmounts();
  for (const [name, quantity] of exact) {
    if (name === 'cpu') amounts.cpuMilli = quantityMilli(quantity);
    else if (name === 'memory') amounts.memory = quantityUnits(quantity);
    else if (name === 'ephemeral-storage') amounts.ephemeralStorage = quantityUnits(quantity);
    else if (name !== 'pods') (amounts.others ??= new Map()).set(name, quantityUnits(quantity));
  }
  return amounts;
}

/** Adds `factor` times the amounts: 1 takes up, -1 gives back. */
export function addAmounts(to: Amounts, from: Amounts, factor = 1): void {
  to.cpuMilli += factor * from.cpuMilli;
  to.memory += factor * from.memory;
  to.ephemeralStorage += factor * from.ephemeralStorage;
  if (from.others === undefined) return;
  to.others ??= new Map();
  for (const [name, value] of from.others) to.others.set(name, (to.others.get(name) ?? 0) + factor * value);
}

/** Whether both are the same, as far as they name no others. */
export function sameAmounts(one: Amounts, two: Amounts): boolean {
  return (
    one.cpuMilli === two.cpuMilli &&
    one.memory === two.memory &&
    one.ephemeralStorage === two.ephemeralStorage &&
    one.others === undefined &&
    two.others === undefined
  );
}

/** What must be free on a node for the pod. */
export function requestsOf(pod: Pick<Pod, 'spec' | 'status'>): Amounts {
  return amountsOf(podResourcesInUse(pod, 'requests'));
}

/** What the pod is taken to need when nodes are scored: containers without requests count too. */
export function assumedRequestsOf(pod: Pick<Pod, 'spec' | 'status'>): Amounts {
  return amountsOf(podResourcesInUse(pod, 'requests', assumed));
}
