/** What a pod needs as a whole: the one sum that scheduler, quota, limits and node share (KEP-753). */
import type { Container, ContainerStatus, Pod, PodSpec } from './generated/core-v1.ts';
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

/**
 * What a pod takes up while it may be resized: of each container the most of what it asks for, what its node has given
 * it, and what it runs with; of a resize that the node cannot serve only the last two (KEP-1287). `assumed`: what a
 * container counts as that names nothing.
 */
export function podResourcesInUse(
  { spec = {}, status }: View<Pick<Pod, 'spec' | 'status'>>,
  side: ResourceSide,
  assumed: ResourceAmounts = new Map(),
): ResourceAmounts {
  const pending = status?.conditions?.find(({ type }) => type === 'PodResizePending');
  const statuses = new Map(
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map((each) => [each.name, each]),
  );
  return podResources(spec, side, (container) => {
    const asked = containerResources(container, side);
    const had = givenResources(statuses.get(container.name), side);
    const counted = had === undefined ? asked : pending?.reason === 'Infeasible' ? had : maxAmounts(asked, had);
    return assumed.size === 0 ? counted : new Map([...assumed, ...counted]);
  });
}

/** Undefined: the node has not said yet. */
function givenResources(status: View<ContainerStatus> | undefined, side: ResourceSide): ResourceAmounts | undefined {
  if (status?.resources === undefined) return undefined;
  const actual = resourceAmounts(status.resources[side]);
  return side === 'limits' ? actual : maxAmounts(actual, resourceAmounts(status.allocatedResources));
}
