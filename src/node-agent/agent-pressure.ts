/** The node's pressure: what it is short of, and the pods that go for it. */
import type { EndPod } from './agent-pods.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { isCriticalPod } from './container/index.ts';
import { evictionPolicy, type Pressure, PressureWatch, readMachine, usesOf } from './eviction/index.ts';
import type { Lifetime } from './lifetime.ts';
import type { NodeEvents, Machine, NodeFacts } from './node/index.ts';
import { evictedReason, type PodPorts, takenPods } from './pod/index.ts';
import type { UsageMeter } from './usage/index.ts';

interface PressureGround {
  readonly machine: Machine;
  readonly facts: NodeFacts;
  readonly lifetime: Lifetime;
}

/** Looks once, so that the node registers with what is so. */
export async function openPressure(options: NodeAgentOptions, ground: PressureGround): Promise<PressureWatch> {
  const { machine, facts, lifetime } = ground;
  const policy = evictionPolicy(options.settings);
  const folders = { state: options.settings.stateFolder, images: facts.runtime.storageFolder };
  const watch = new PressureWatch({ ...options, policy, read: () => readMachine(machine.room, folders) });
  lifetime.atEnd(() => {
    watch.close();
  });
  await watch.open();
  return watch;
}

interface PressureParts {
  readonly ports: PodPorts;
  readonly machine: Machine;
  readonly meter: UsageMeter;
  readonly events: NodeEvents;
  readonly endPod: EndPod;
  readonly reclaimDisk: () => Promise<void>;
  /** The Node's status is to be written. */
  readonly changed: () => void;
}

/** From now on pods go when the node is short of something. */
export function startEvictions(options: NodeAgentOptions, watch: PressureWatch, parts: PressureParts): void {
  const { ports, machine, meter, events, endPod, reclaimDisk, changed } = parts;
  const { podsFolder } = ports.node;
  const usePorts = { ...options, podsFolder, run: machine.run, meter, counters: machine.usage };
  watch.start({
    candidates: () => takenPods(ports, '').filter((pod) => !isCriticalPod(pod)),
    measure: (shortage, at) => usesOf(usePorts, { shortage, ...at }),
    reclaimDisk,
    evict: (pod, how) => {
      endPod(pod, { reason: evictedReason, ...how });
    },
    isGone: async ({ metadata }) => !(await machine.files.list(podsFolder)).includes(metadata.uid ?? ''),
    changed: (before, now) => {
      for (const { pressure, begins, ends } of pressureEvents) {
        if (before.includes(pressure) === now.includes(pressure)) continue;
        const reason = now.includes(pressure) ? begins : ends;
        const message = `Node ${options.nodeName} status is now: ${reason}`;
        events.recordOnNode({ kind: 'Normal', reason, message });
      }
      changed();
    },
    shortOf: ({ scarce }) => {
      events.recordOnNode({
        kind: 'Warning',
        reason: 'EvictionThresholdMet',
        message: `Attempting to reclaim ${scarce}`,
      });
    },
  });
}

/** Reasons of the Node's events. */
const pressureEvents: readonly { readonly pressure: Pressure; readonly begins: string; readonly ends: string }[] = [
  { pressure: 'MemoryPressure', begins: 'NodeHasInsufficientMemory', ends: 'NodeHasSufficientMemory' },
  { pressure: 'DiskPressure', begins: 'NodeHasDiskPressure', ends: 'NodeHasNoDiskPressure' },
  { pressure: 'PIDPressure', begins: 'NodeHasInsufficientPID', ends: 'NodeHasSufficientPID' },
];
