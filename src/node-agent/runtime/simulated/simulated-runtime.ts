/** The runtime port in memory. */
import { isForeign, labels as names } from '../labels.ts';
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
    facts: () => Promise.resolve({ ...engineFacts, handlers: options.handlers }),
    ensureNetwork: (spec) =>
      promised(() => {
        ensureNetwork(world, spec);
      }),
    removeNetwork: (name, own) => {
      if (isForeign(world.networks.get(name)?.labels ?? {}, own)) return Promise.resolve(false);
      world.networks.delete(name);
      return Promise.resolve(true);
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
  userNamespaces: false,
};

function ensureNetwork(world: World, spec: NetworkSpec): void {
  const there = world.networks.get(spec.name);
  const theirs = there?.labels ?? spec.labels;
  const linked = Object.fromEntries(
    [names.cluster, names.clusterId].filter((key) => key in theirs).map((key) => [key, theirs[key] ?? '']),
  );
  const inUse = [...world.containers.values()].some(
    ({ state, spec: own }) => state === 'running' && carries(own.labels, { ...linked, [names.link]: '' }),
  );
  if (inUse && isForeign(theirs, spec.labels))
    throw new RuntimeError('conflict', `network ${spec.name} belongs to another cluster`);
  if (inUse && (there ?? spec).subnet !== spec.subnet)
    throw new RuntimeError('conflict', `network ${spec.name} has another range and is in use`);
  world.networks.set(spec.name, spec);
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
