/** The pods that take up room on the node. */
import { isFinished, type Pod, resources } from '../../api/index.ts';
import { claimNames } from '../volumes/index.ts';
import type { PodPorts } from './pod-ports.ts';

/** The pods that this node has taken and that have not ended, with what each was given. */
export function takenPods(ports: PodPorts, except: string): readonly Pod[] {
  return ports.node.allocations.others(except).filter(({ metadata: { namespace, name = '', uid } }) => {
    const shown = ports.api.view.get<Pod>(resources.pods, namespace, name);
    return shown?.metadata.uid === uid && !isFinished(shown);
  });
}

/**
 * The claims that other pods of the node use already, as this pod must see it: those of pods that run, and of pods
 * that were taken before it. So of two that want a claim for themselves one goes first, in whatever order they ask.
 */
export function takenClaims(ports: PodPorts, pod: Pod): ReadonlySet<string> {
  const { namespace, uid = '' } = pod.metadata;
  const runs = ({ metadata }: Pod): boolean =>
    ports.api.view.get<Pod>(resources.pods, metadata.namespace, metadata.name ?? '')?.status?.phase === 'Running';
  const before = new Set(ports.node.allocations.before(uid).map(({ metadata }) => metadata.uid));
  const first = (other: Pod): boolean => (runs(other) === runs(pod) ? before.has(other.metadata.uid) : runs(other));
  const others = takenPods(ports, uid).filter((other) => other.metadata.namespace === namespace && first(other));
  return new Set(others.flatMap(claimNames));
}
