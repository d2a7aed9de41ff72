/** Frees what nobody uses any more: volumes, images, and containers that have ended. */
import { localPlace } from './agent-pods.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { imageCollector, imagePolicy } from './images/index.ts';
import type { Lifetime } from './lifetime.ts';
import type { NodeEvents, Machine, NodeFacts } from './node/index.ts';
import { type PodPorts, removeDeadContainers } from './pod/index.ts';
import { reclaimLocalVolumes } from './volumes/index.ts';

/** As often as the kubelet collects. */
const imageCheckMs = 300_000;

interface UpkeepParts {
  readonly machine: Machine;
  readonly facts: NodeFacts;
  readonly ports: PodPorts;
  readonly events: NodeEvents;
  readonly lifetime: Lifetime;
}

interface Upkeep {
  /** Frees what it can of the disk, before a pod must go for it. */
  readonly reclaimDisk: () => Promise<void>;
}

export function startUpkeep(options: NodeAgentOptions, parts: UpkeepParts): Upkeep {
  const { machine, facts, ports, events, lifetime } = parts;
  const local = localPlace(options);
  if (local !== undefined) {
    const reclaiming = reclaimLocalVolumes({ ...options, files: machine.files }, local);
    lifetime.atEnd(() => {
      reclaiming.close();
    });
  }
  const { settings } = options;
  const images = imageCollector({
    ...options,
    policy: imagePolicy(settings),
    disk: () => machine.disk(facts.runtime.storageFolder ?? settings.stateFolder),
    fellShort: (wanted, freed) => {
      const message =
        'Failed to garbage collect required amount of images. ' +
        `Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`;
      events.recordOnNode({ kind: 'Warning', reason: 'FreeDiskSpaceFailed', message });
    },
  });
  const timer = options.timers.every(imageCheckMs, () => {
    void images.collect();
  });
  lifetime.atEnd(() => {
    timer.cancel();
  });
  return {
    reclaimDisk: async () => {
      await removeDeadContainers(ports);
      await images.collectAll();
    },
  };
}
