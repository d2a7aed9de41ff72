/** An agent on a simulated machine, engine and API, for tests. */
import { stat } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import { createActorSystem } from '../actors/index.ts';
import { type Metrics, seededRandom, silentLogger, silentMetrics } from '../base/index.ts';
import { SimulatedNetwork } from '../bus/index.ts';
import { SimulatedTime } from '../platform/index.ts';
import { memoryApi, type MemoryApi } from './api.fixture.ts';
import type { MachineCpus } from './cpus/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { type NodeAgent, simulatedMachine, startNodeAgent } from './index.ts';
import { type Pod, type PodStatus, resources } from '../api/index.ts';
import { type Room, type Signal, simulatedRoom } from './eviction/index.ts';
import type { Machine } from './node/index.ts';
import { simulatedPodLinks } from './network/index.ts';
import { type ContainerRuntime, simulatedRuntime, type SimulatedRuntimeOptions } from './runtime/index.ts';

/** Time in small steps: each lets the turns of the actors that it woke take place. */
export async function pass(time: SimulatedTime, ms: number): Promise<void> {
  const steps = Math.min(100, ms);
  for (let i = 0; i < steps; i++) {
    await time.run(ms / steps);
    // The agent asks the true file system too, whose answers no simulated time brings.
    await stat('/');
  }
}

/** An agent on simulated machine, engine and API; time moves only when told. */
export interface World {
  readonly time: SimulatedTime;
  readonly api: MemoryApi;
  readonly network: SimulatedNetwork;
  readonly runtime: ReturnType<typeof simulatedRuntime>;
  readonly commands: string[][];
  /** How often each call of the engine was made. */
  readonly calls: Map<string, number>;
  /** Seconds that pods took to start. */
  readonly podStarts: number[];
  /** Why containers were refused. */
  readonly refused: Set<string>;
  readonly links: ReturnType<typeof simulatedPodLinks>;
  readonly machine: Machine;
  /** What the machine has left, where that is not plenty. */
  readonly room: Map<Signal, Room>;
  agent: NodeAgent;
  /** Starts an agent, and waits for nothing. */
  begin(): void;
  restart(): Promise<void>;
  pod(name: string, spec?: object): Promise<void>;
  status(name: string): PodStatus | undefined;
  events(): string[];
}

/** The same engine, whose calls about containers and images are counted. */
function counted(runtime: ContainerRuntime, calls: Map<string, number>): ContainerRuntime {
  const uncounted = new Set<PropertyKey>([
    'events',
    'close',
    'sandboxImage',
    'ensureNetwork',
    'removeNetwork',
    'facts',
  ]);
  return new Proxy(runtime, {
    get: (target, name: keyof ContainerRuntime) => {
      if (!uncounted.has(name)) calls.set(name, (calls.get(name) ?? 0) + 1);
      return target[name];
    },
  });
}

type Parts = Pick<
  World,
  'time' | 'api' | 'network' | 'runtime' | 'commands' | 'calls' | 'podStarts' | 'refused' | 'links' | 'machine' | 'room'
>;

/** What differs from a usual engine and machine. */
type WorldOptions = Partial<SimulatedRuntimeOptions> & { readonly cpus?: MachineCpus | undefined };

function parts({ cpus, ...options }: WorldOptions): Parts {
  const time = new SimulatedTime();
  const commands: string[][] = [];
  const links = simulatedPodLinks();
  const room = new Map<Signal, Room>();
  return {
    time,
    api: memoryApi(),
    network: new SimulatedNetwork(time),
    runtime: simulatedRuntime({ clock: time, timers: time, images: ['web:1'], registry: 'none', ...options }),
    commands,
    calls: new Map(),
    podStarts: [],
    refused: new Set(),
    links,
    machine: simulatedMachine({ commands, links, room: simulatedRoom(room), cpus }),
    room,
  };
}

function startAgent(
  { time, api, network, runtime, calls, podStarts, refused, machine }: Parts,
  settings: AgentSettings,
): NodeAgent {
  const metrics: Metrics = {
    ...silentMetrics,
    count: (name, labels) => {
      if (name === 'troupe_refused_containers_total') refused.add(labels?.['reason'] ?? '');
    },
    observe: (name, value) => {
      if (name === 'troupe_pod_start_seconds') podStarts.push(value);
    },
  };
  const ground = { clock: time, timers: time, log: silentLogger };
  return startNodeAgent({
    system: createActorSystem({ name: 'test', ...ground, metrics: silentMetrics, encodeSends: true }),
    view: api.view,
    client: api.client,
    bus: network.client('agent'),
    cluster: 'test',
    clusterId: 'aaaa',
    nodeName: 'node-1',
    runtime: counted(runtime, calls),
    machine,
    ...ground,
    random: seededRandom(1),
    metrics,
    settings: {
      podCidrs: ['10.244.3.0/24'],
      networks: [
        { family: 'IPv4', clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', dnsAddress: '10.96.0.10' },
      ],
      clusterDomain: 'cluster.local',
      stateFolder: '/state',
      ...settings,
    },
  });
}

/** Settings that differ from a node's usual ones. */
type AgentSettings = Partial<NodeAgentOptions['settings']>;

export async function world(
  t: ExecutionContext,
  options: WorldOptions = {},
  settings: AgentSettings = {},
): Promise<World> {
  const own = parts(options);
  const { time, api, runtime } = own;
  const made: World = {
    ...own,
    agent: startAgent(own, settings),
    begin: () => {
      made.agent = startAgent(own, settings);
    },
    restart: async () => {
      await made.agent.stop();
      await pass(time, 1000);
      made.begin();
      await pass(time, 100);
    },
    pod: async (name, spec: { readonly containers?: readonly object[] } = {}) => {
      const { containers = [{ name: 'main', image: 'web:1' }] } = spec;
      api.put(resources.pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'shop' },
        spec: {
          nodeName: 'node-1',
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          ...spec,
          containers: containers.map((container) => ({ resources: {}, ...container })),
        },
      });
      await pass(time, 100);
    },
    status: (name) => api.get<Pod>(resources.pods, 'shop', name)?.status,
    events: () =>
      api
        .list<{ reason: string }>(resources.events)
        .map(({ reason }) => reason)
        .sort(),
  };
  t.teardown(async () => {
    await made.agent.stop();
    runtime.close();
  });
  await pass(time, 100);
  await made.agent.ready;
  return made;
}

/** As the API does with a grace: the pod is to end, and is still there. */
export async function deletePod(w: World, name: string): Promise<void> {
  const pod = w.api.get<Pod>(resources.pods, 'shop', name);
  w.api.put(resources.pods, {
    ...pod,
    metadata: { ...pod?.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 },
  });
  await pass(w.time, 100);
}
