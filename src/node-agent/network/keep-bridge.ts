/** Makes the bridge again when somebody removed it. */
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { PodLinks } from './pod-links.ts';

const lookMs = 2000;

interface BridgeKeeperPorts {
  readonly links: PodLinks;
  readonly make: () => Promise<unknown>;
  /** Connects the node's pods to it. */
  readonly connect: () => Promise<void>;
  /** It is another one than before, with none of its settings. */
  readonly changed: () => void;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Looks whether the bridge is still the same one. Links of pods are nothing that the engine knows of, so it lets an
 * operator remove the cluster's network as unused (`docker network prune`) while pods run; then bridge and links are
 * made again. Of several agents on the machine one makes the bridge, and each connects its own pods. `known`: the one
 * that the pods are connected to, or are about to be.
 */
export function keepBridge(ports: BridgeKeeperPorts, known: string | undefined): { close(): void } {
  let looking = false;
  let last = known;
  const look = async (): Promise<void> => {
    const found = await ports.links.bridge();
    if (found !== undefined && found === last) return;
    if (last !== undefined)
      ports.log.warn('the bridge of the pod network is gone; recreating it and connecting the pods');
    last = undefined;
    try {
      await ports.make();
      const made = await ports.links.bridge();
      await ports.connect();
      last = made;
    } finally {
      ports.changed();
    }
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
