import { type ContainerPort, milliCores, type Pod, quantityNumber, type Quantities } from '../kube/index.ts';

/** Why a node will not run a pod that was bound to it. The pod fails with these (upstream's reasons and texts). */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

const rejected = (reason: string, message: string): Refusal => ({ reason, message: `Pod was rejected: ${message}` });

/**
 * The node's own check of a new pod, for pods that came past the scheduler or that it placed on old knowledge: free
 * host ports, cpu, memory, number of pods. `others`: the pods that the node has taken already and that have not ended.
 * Pure.
 */
export function admitPod(pod: Pod, others: readonly Pod[], allocatable: Quantities): Refusal | undefined {
  const podsMax = quantityNumber(allocatable['pods']);
  if (podsMax !== undefined && others.length + 1 > podsMax)
    return rejected(
      'OutOfpods',
      `Node didn't have enough resource: pods, requested: 1, used: ${others.length}, capacity: ${podsMax}`,
    );
  for (const [resource, amount] of [
    ['cpu', milliCores],
    ['memory', quantityNumber],
  ] as const) {
    const capacity = amount(allocatable[resource]);
    const requested = requestOf(pod, resource, amount);
    const used = others.reduce((sum, other) => sum + requestOf(other, resource, amount), 0);
    if (capacity !== undefined && requested > 0 && used + requested > capacity)
      return rejected(
        `OutOf${resource}`,
        `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
      );
  }
  const taken = others.flatMap(hostPorts);
  const clash = hostPorts(pod).some((port) => taken.some((other) => samePort(port, other)));
  return clash
    ? rejected('NodePorts', "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports")
    : undefined;
}

/**
 * What a pod asks for: its containers together, or its largest init container (Kubernetes, "Resource sharing within
 * containers").
 */
function requestOf(pod: Pod, resource: string, amount: (text: string | undefined) => number | undefined): number {
  const of = (requests: Quantities | undefined): number => amount(requests?.[resource]) ?? 0;
  let sidecars = 0;
  let largestInit = 0;
  for (const init of pod.spec.initContainers ?? []) {
    const own = of(init.resources?.requests);
    if (init.restartPolicy === 'Always') sidecars += own;
    largestInit = Math.max(largestInit, init.restartPolicy === 'Always' ? sidecars : sidecars + own);
  }
  return Math.max(
    largestInit,
    sidecars + pod.spec.containers.reduce((sum, each) => sum + of(each.resources?.requests), 0),
  );
}

function hostPorts(pod: Pod): readonly ContainerPort[] {
  return pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.filter(({ hostPort }) => hostPort !== undefined && hostPort > 0),
  );
}

function samePort(one: ContainerPort, other: ContainerPort): boolean {
  const all = (port: ContainerPort): boolean =>
    port.hostIP === undefined || port.hostIP === '' || port.hostIP === '0.0.0.0';
  return (
    one.hostPort === other.hostPort &&
    (one.protocol ?? 'TCP') === (other.protocol ?? 'TCP') &&
    (all(one) || all(other) || one.hostIP === other.hostIP)
  );
}
