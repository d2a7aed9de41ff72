/** What a pod needs as a whole: the one sum that scheduler, quota, limits and node share (KEP-753). */
import type { Container, PodSpec } from './generated/core-v1.ts';
import { isSidecar } from './pod.ts';
import { addAmounts, maxAmounts, type ResourceAmounts, resourceAmounts } from './resource-amounts.ts';
import type { View } from './views.ts';

type ResourceSide = 'requests' | 'limits';

/** What one container asks for. */
export function containerResources(container: View<Container>, side: ResourceSide): ResourceAmounts {
  return resourceAmounts(container.resources?.[side]);
}

/**
 * The containers and sidecars together, or, where that is more, the largest init container together with the sidecars
 * that have started before it; the pod's overhead on top (of limits only where there is a limit). Exact, resource by
 * resource. `amountsOf` says what a container counts as where that is not what it asks for. Throws QuantityError.
 */
export function podResources(
  spec: View<PodSpec>,
  side: ResourceSide,
  amountsOf: (container: View<Container>) => ResourceAmounts = (container) => containerResources(container, side),
): ResourceAmounts {
  const running = (spec.containers ?? []).map(amountsOf);
  let sidecars: ResourceAmounts = new Map();
  let starting: ResourceAmounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container);
    if (isSidecar(container)) {
      sidecars = addAmounts(sidecars, own);
      running.push(own);
      starting = maxAmounts(starting, sidecars);
    } else {
      starting = maxAmounts(starting, addAmounts(sidecars, own));
    }
  }
  const most = maxAmounts(running.reduce(addAmounts, new Map()), starting);
  const overhead = resourceAmounts(spec.overhead);
  if (side === 'requests') return addAmounts(most, overhead);
  return addAmounts(most, new Map([...overhead].filter(([name]) => most.has(name))));
}
