import { addQuantity, compareQuantity, type JsonObject, parseQuantity, type Quantity } from '../../api/index.ts';
import { listOf } from './pod-spec.ts';

export type ResourceList = ReadonlyMap<string, Quantity>;

/** The quantities of a resource list (requests, limits, hard …). */
export function resourceList(value: unknown): ResourceList {
  return new Map(
    Object.entries((value ?? {}) as Record<string, string>).map(([name, quantity]) => [name, parseQuantity(quantity)]),
  );
}

export function sumOf(left: ResourceList, right: ResourceList): ResourceList {
  const sum = new Map(left);
  for (const [name, quantity] of right) {
    const present = sum.get(name);
    sum.set(name, present === undefined ? quantity : addQuantity(present, quantity));
  }
  return sum;
}

function maxOf(left: ResourceList, right: ResourceList): ResourceList {
  const most = new Map(left);
  for (const [name, quantity] of right) {
    const present = most.get(name);
    if (present === undefined || compareQuantity(quantity, present) > 0) most.set(name, quantity);
  }
  return most;
}

export type Side = 'requests' | 'limits';

/** What one container asks for. */
export function containerResources(container: JsonObject, side: Side): ResourceList {
  return resourceList((container['resources'] as JsonObject | undefined)?.[side]);
}

/**
 * What a pod needs as a whole (KEP-753): its containers together with the sidecars, or, if that is more, the largest
 * init container together with the sidecars that have started before it; overhead on top.
 */
export function podResources(spec: JsonObject, side: Side): ResourceList {
  let running: ResourceList = new Map();
  for (const container of listOf(spec, 'containers')) running = sumOf(running, containerResources(container, side));
  let sidecars: ResourceList = new Map();
  let starting: ResourceList = new Map();
  for (const container of listOf(spec, 'initContainers')) {
    const own = containerResources(container, side);
    if (container['restartPolicy'] === 'Always') {
      running = sumOf(running, own);
      sidecars = sumOf(sidecars, own);
      starting = maxOf(starting, sidecars);
    } else {
      starting = maxOf(starting, sumOf(sidecars, own));
    }
  }
  const overhead = resourceList(spec['overhead']);
  const most = maxOf(running, starting);
  if (side === 'requests') return sumOf(most, overhead);
  return sumOf(most, new Map([...overhead].filter(([name]) => most.has(name))));
}
