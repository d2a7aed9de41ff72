/** The runtime port in memory. */
import { labels as names } from '../labels.ts';
import { type ContainerRuntime, type NetworkSpec, RuntimeError, type RuntimeFacts } from '../runtime.ts';
import { sandboxReference } from '../sandbox-image.ts';
import { containerCalls } from './simulated-containers.ts';
import { imageCalls } from './simulated-images.ts';
import { processCalls } from './simulated-processes.ts';
import {
  addImage,
  carries,
  ended,
  type Listener,
  promised,
  type SimulatedRuntimeOptions,
  type World,
} from './simulated-world.ts';

/** The simulated twin: the port, and what a scenario may do behind its back. */
interface SimulatedRuntime extends ContainerRuntime {
  /** Ends a container from inside. */
  exit(id: string, exitCode: number): void;
}

/** An engine in memory: containers are records, programs are scripts, time is the given clock's. */
export function simulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  const world: World = {
    options,
    containers: new Map(),
    images: new Map(),
    networks: new Map(),
    listeners: new Set(),
    created: 0,
  };
  for (const reference of [sandboxReference, ...(options.images ?? [])]) addImage(world, reference);
  return {
    ...containerCalls(world),
    ...imageCalls(world),
    ...processCalls(world),
    exit: (id, exitCode) => {
      const container = world.containers.get(id);
      if (container !== undefined) ended(world, container, exitCode);
    },
    facts: () => Promise.resolve(engineFacts),
    ensureNetwork: (spec) =>
      promised(() => {
        ensureNetwork(world, spec);
      }),
    removeNetwork: (name) => {
      world.networks.delete(name);
      return Promise.resolve();
    },
    events: (labels, listener) => listen(world, { labels, listener }),
    close: () => {
      for (const container of world.containers.values()) container.timer?.cancel();
    },
  };
}

const engineFacts: RuntimeFacts = {
  name: 'simulated',
  version: '1',
  operatingSystem: 'Simulated',
  kernelVersion: '6.1.0',
  architecture: 'amd64',
  cpus: 8,
  memoryBytes: 32 * 2 ** 30,
  appArmor: false,
  seLinux: false,
};

function ensureNetwork(world: World, { name, subnet, labels }: NetworkSpec): void {
  const linked = { [names.cluster]: labels[names.cluster] ?? '', [names.link]: '' };
  const inUse = [...world.containers.values()].some(
    ({ state, spec }) => state === 'running' && carries(spec.labels, linked),
  );
  if (inUse && (world.networks.get(name) ?? subnet) !== subnet)
    throw new RuntimeError('conflict', `network ${name} has another range and is in use`);
  world.networks.set(name, subnet);
}

function listen(world: World, listener: Listener): { close(): void } {
  world.listeners.add(listener);
  world.options.timers.after(0, () => {
    if (world.listeners.has(listener)) listener.listener({ type: 'connected' });
  });
  return {
    close: () => {
      world.listeners.delete(listener);
    },
  };
}
