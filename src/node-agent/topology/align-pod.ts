/** Where a new pod's containers get what they have to themselves, before the node takes it. */
import { type Container, isSidecar, nonEphemeralContainers, type Pod } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ResourceHints } from './hints.ts';
import { mergeHints, type TopologyPolicy } from './merge-hints.ts';

/** Who gives containers something of their own. */
export interface HintProvider {
  /** For each of its resources that the container asks for; without a container: that the pod as a whole needs. */
  hints(pod: Pod, container?: Container): readonly ResourceHints[];
  /** Sets aside what the container asks for, on these NUMA nodes as far as they have it. Throws where there is less. */
  reserve(pod: Pod, container: Container, affinity: number | undefined): void;
  /** A pod that has no containers gives back what was set aside for it. */
  release(podUid: string): void;
}

export interface NodeTopology {
  readonly policy: TopologyPolicy;
  readonly scope: 'container' | 'pod';
  /** The machine's NUMA nodes. */
  readonly nodes: readonly number[];
  readonly providers: readonly HintProvider[];
}

/** Why the pod cannot run here, with the kubelet's reasons and texts; undefined: what it needs is set aside for it. */
export function alignPod(
  pod: Pod,
  { policy, scope, nodes, providers }: NodeTopology,
): { readonly reason: string; readonly message: string } | undefined {
  if (policy === 'none') return undefined;
  const release = (): void => {
    for (const provider of providers) provider.release(pod.metadata.uid);
  };
  const placementOf = (container?: Container): ReturnType<typeof mergeHints> =>
    mergeHints(
      policy,
      nodes,
      providers.flatMap((provider) => provider.hints(pod, container)),
    );
  // An agent that ended in between may have set something aside already.
  release();
  const ofPod = scope === 'pod' ? placementOf() : undefined;
  try {
    for (const container of nonEphemeralContainers(pod)) {
      const { hint, admitted } = ofPod ?? placementOf(container);
      if (!admitted) {
        release();
        const message = 'Resources cannot be allocated with Topology locality';
        return { reason: 'TopologyAffinityError', message };
      }
      for (const provider of providers) provider.reserve(pod, container, hint.affinity);
    }
    return undefined;
  } catch (error) {
    release();
    const message = `Allocate failed due to ${errorMessage(error)}, which is unexpected`;
    return { reason: 'UnexpectedAdmissionError', message };
  }
}

/** An init container that ends leaves what it has to itself to the pod's later ones. */
export function passesOn({ spec }: Pod, container: Container): boolean {
  return spec.initContainers?.some(({ name }) => name === container.name) === true && !isSidecar(container);
}

/** How much of something a pod needs at its fullest, by what each container asks for. */
export function podAmount({ spec }: Pod, amountOf: (container: Container) => number): number {
  let [sidecars, most] = [0, 0];
  for (const container of spec.initContainers ?? []) {
    const amount = amountOf(container);
    if (isSidecar(container)) sidecars += amount;
    most = Math.max(most, isSidecar(container) ? sidecars : sidecars + amount);
  }
  return Math.max(most, sidecars + spec.containers.map(amountOf).reduce((sum, amount) => sum + amount, 0));
}
