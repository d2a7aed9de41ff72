/**
 * The process of a node's agent without an engine of its own: API and containers are those of the parent process, so
 * they outlive it; CSI drivers, their mounts and the node's records of them are real.
 *
 * Arguments: the kubelet's folder, the agent's own folder, and how many times faster than real its time goes.
 */
import { createActorSystem } from '../../../src/actors/index.ts';
import { type KubeObject, sameResource } from '../../../src/api/index.ts';
import { type Logger, silentLogger, silentMetrics, type Timers } from '../../../src/base/index.ts';
import { SimulatedNetwork } from '../../../src/bus/index.ts';
import { simulatedMachine, startNodeAgent } from '../../../src/node-agent/index.ts';
import { runCommand } from '../../../src/node-agent/network/index.ts';
import type { ContainerRuntime, RuntimeEvent } from '../../../src/node-agent/runtime/index.ts';
import { systemClock, systemRandom, systemTimers } from '../../../src/platform/index.ts';
import { factsOf, type ObjectChange, type ResourceClient, type ResourceView } from '../../../src/resources/index.ts';
import { errorOf, type FromAgent, type ToAgent } from './messages.ts';

const [root = '', stateFolder = '', speed = '1'] = process.argv.slice(2);
const times = Number(speed);
const timers: Timers = {
  after: (ms, call) => systemTimers.after(ms / times, call),
  every: (ms, call) => systemTimers.every(ms / times, call),
};
const clock = { now: systemClock.now, monotonic: () => systemClock.monotonic() * times };
const said = (level: string) => (message: string, fields?: object) => {
  console.log(JSON.stringify({ level, message, ...fields }));
};
const log: Logger = { ...silentLogger, warn: said('warn'), error: said('error'), with: () => log };

const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
const objects = new Map<string, ObjectChange>();
const changeListeners = new Set<(change: ObjectChange) => void>();
const eventListeners = new Set<(event: RuntimeEvent) => void>();
let calls = 0;
let synced: () => void;
const isSynced = new Promise<void>((resolve) => {
  synced = resolve;
});

const call = (port: FromAgent['port'], method: string, args: readonly unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    calls += 1;
    waiting.set(calls, { resolve, reject });
    process.send?.({ id: calls, port, method, args } satisfies FromAgent);
  });

const keyOf = ({ resource, object }: Pick<ObjectChange, 'resource' | 'object'>): string =>
  `${resource.group}/${resource.resource}/${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;

function answered(message: Extract<ToAgent, { type: 'answer' }>): void {
  const { resolve, reject } = waiting.get(message.id) ?? {};
  waiting.delete(message.id);
  if (message.failure === undefined) resolve?.(message.value);
  else reject?.(errorOf(message.failure));
}

function changed({ change }: Extract<ToAgent, { type: 'change' }>): void {
  const key = keyOf(change);
  const previous = objects.get(key)?.object;
  if (change.type === 'put') objects.set(key, change);
  else objects.delete(key);
  for (const listener of changeListeners) listener({ ...change, previous });
}

process.on('message', (message: ToAgent) => {
  if (message.type === 'answer') answered(message);
  else if (message.type === 'change') changed(message);
  else if (message.type === 'synced') synced();
  else for (const listener of eventListeners) listener(message.event);
});
process.on('disconnect', () => process.exit(0));

/** Every method is a call of the parent's. */
const remote = <T extends object>(port: FromAgent['port'], own: Partial<T>): T =>
  new Proxy(own as T, {
    get: (target, method: string) =>
      method in target ? target[method as keyof T] : (...args: readonly unknown[]) => call(port, method, args),
  });

const view: ResourceView = {
  get: (resource, namespace, name) =>
    objects.get(keyOf({ resource, object: { metadata: { namespace, name } } as KubeObject }))?.object as never,
  list: (resource, namespace) =>
    [...objects.values()]
      .filter((each) => sameResource(each.resource, resource))
      .map(({ object }) => object)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace) as never,
  facts: (resource, query) => factsOf(resource, view.list(resource, query?.namespace), query) as never,
  ownedBy: () => [],
  onChange: (listener) => {
    changeListeners.add(listener);
    return () => changeListeners.delete(listener);
  },
  synced: () => isSynced,
};

const mounting = new Set(['mount', 'umount', 'rm']);
const machine = simulatedMachine();
const agent = startNodeAgent({
  system: createActorSystem({ name: 'agent', clock, timers, log, metrics: silentMetrics }),
  view,
  client: remote<ResourceClient>('client', {}),
  bus: new SimulatedNetwork(systemTimers).client('agent'),
  cluster: 'crashes',
  clusterId: 'crashes',
  nodeName: 'node',
  runtime: remote<ContainerRuntime>('engine', {
    forwardChain: undefined,
    forgetSandboxImage: () => undefined,
    close: () => undefined,
    events: (_labels, listener) => {
      eventListeners.add(listener);
      timers.after(0, () => {
        listener({ type: 'connected' });
      });
      return { close: () => eventListeners.delete(listener) };
    },
  }),
  machine: {
    ...machine,
    run: (command, args, stdin) => (mounting.has(command) ? runCommand : machine.run)(command, args, stdin),
  },
  clock,
  timers,
  random: systemRandom,
  log,
  metrics: silentMetrics,
  settings: {
    podCidrs: ['10.244.0.0/24'],
    networks: [{ family: 'IPv4', clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', dnsAddress: '10.96.0.10' }],
    clusterDomain: 'cluster.local',
    stateFolder,
    kubeletRoot: root,
  },
});
await agent.ready;
