/** Removes containers that have ended, when the node needs their room more than anybody their logs. */
import { type ContainerStatus, type Pod, resources } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import { clusterLabels, labels } from '../runtime/index.ts';
import type { PodPorts } from './pod-ports.ts';

/**
 * Containers whose end their pod's status tells: a container that ended just now is still to be looked at. A pod that
 * restarts one makes a new one. Never rejects.
 */
export async function removeDeadContainers(ports: PodPorts): Promise<void> {
  const { identity } = ports.node;
  const { runtime } = ports.engine;
  try {
    const found = await runtime.summaries({
      ...clusterLabels(identity),
      [labels.node]: identity.node,
      [labels.role]: 'container',
    });
    const ended = endedIds(ports.api.view.list<Pod>(resources.pods));
    for (const { id, state } of found) if (state === 'exited' && ended.has(id)) await runtime.remove(id);
  } catch (error) {
    ports.log.warn('failed to remove containers that have ended', { error: errorMessage(error) });
  }
}

function endedIds(pods: readonly Pod[]): ReadonlySet<string> {
  const statuses: readonly ContainerStatus[] = pods.flatMap(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ]);
  const ends = statuses.flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated]);
  return new Set(
    ends.flatMap((end) => (end?.containerID === undefined ? [] : [end.containerID.replace(/^.*\/\//, '')])),
  );
}
