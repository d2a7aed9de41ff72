/** Container statuses of a pod that ended before all of its containers ran. */
import type { ContainerStatus } from '../../api/index.ts';

const unknownEnd: Pick<ContainerStatus, 'state'> = {
  state: {
    terminated: {
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
      startedAt: null,
      finishedAt: null,
    },
  },
};

const everStarted = ({ state, lastState }: ContainerStatus): boolean =>
  state?.waiting === undefined || lastState?.terminated !== undefined;

/**
 * The containers of a pod that is over, when some of them never came to run: none may seem to wait for a start that
 * will not come, and what has no end counts as failed. Init containers that it had not come to stay as they are, and so
 * do the apps of a pod that was never initialized. Follows the kubelet's TerminatePod.
 */
export function endedStatuses(
  inits: readonly ContainerStatus[],
  apps: readonly ContainerStatus[],
  initialized: boolean,
): { readonly inits: readonly ContainerStatus[]; readonly apps: readonly ContainerStatus[] } {
  const reached = Math.max(0, inits.findLastIndex(everStarted));
  const ended = (status: ContainerStatus): ContainerStatus =>
    status.state?.terminated === undefined ? { ...status, ...unknownEnd } : status;
  return {
    inits: inits.map((status, i) => (i <= reached ? ended(status) : status)),
    apps: initialized ? apps.map(ended) : apps,
  };
}
