/** Makes the bridge again when somebody removed it. */
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { PodLinks } from './pod-links.ts';

const lookMs = 2000;

/**
 * Looks whether the bridge is still there. Links of pods are nothing that the engine knows of, so it lets an operator
 * remove the cluster's network as unused (`docker network prune`) while pods run; then bridge and links are made again.
 */
export function keepBridge(ports: {
  readonly links: PodLinks;
  readonly repair: () => Promise<void>;
  readonly timers: Timers;
  readonly log: Logger;
}): { close(): void } {
  let looking = false;
  let broken = false;
  const look = async (): Promise<void> => {
    if (!broken && (await ports.links.bridged())) return;
    if (!broken) ports.log.warn('the bridge of the pod network is gone; recreating it and connecting the pods');
    broken = true;
    await ports.repair();
    broken = false;
  };
  const timer = ports.timers.every(lookMs, () => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => {
        ports.log.warn('failed to repair the pod network; retrying', { error: errorMessage(error) });
      })
      .finally(() => {
        looking = false;
      });
  });
  return {
    close: () => {
      timer.cancel();
    },
  };
}
