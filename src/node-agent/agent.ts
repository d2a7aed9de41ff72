import type { ActorRef } from '../actors/index.ts';
import { errorMessage } from '../base/index.ts';
import { subjectsOf } from '../bus/index.ts';
import { localVolumes } from '../protocol/index.ts';
import type { NodeAgent, NodeAgentOptions } from './agent-settings.ts';
import { viewDnsFacts } from './dns/index.ts';
import { Gate, imagePuller, imagesToRemove } from './images/index.ts';
import { type NodeObject, type Pod, resources, sameResource } from './kube/index.ts';
import {
  AddressPool,
  type BridgeFacts,
  linkSettings,
  gatewayOf,
  keepBridge,
  keepNodeRoutes,
  type MachineClaim,
  networkNames,
  type PodLinks,
  type RemoteRange,
  setUpBridge,
} from './network/index.ts';
import { nodeActor, type NodeMessage } from './node-actor.ts';
import {
  allocatableOf,
  EventRecorder,
  hostMachine,
  type Machine,
  type MachineFacts,
  type NodeFacts,
  register,
  type Registration,
} from './node/index.ts';
import { claimPodCidr } from './pod-range.ts';
import { connectSandbox, type PodPorts } from './pod/index.ts';
import { type HostPort, startProxy } from './proxy/index.ts';
import { purgeEverything } from './purge.ts';
import { retryUntilSuccess } from './retry.ts';
import { labels, type RuntimeFacts } from './runtime/index.ts';
import { serveStreams } from './streams/index.ts';
import { reportUsage } from './usage/index.ts';
import { configReader, type LocalVolumeOptions, reclaimLocalVolumes, tokenSource } from './volumes/index.ts';

type Closer = () => void | Promise<void>;

interface Starting {
  readonly options: NodeAgentOptions;
  readonly machine: Machine;
  /** Things to close, the last opened first. */
  readonly closers: Closer[];
  stopped: boolean;
  /** Why the node cannot run pods just now. */
  unfit: string | undefined;
  registration: Registration | undefined;
}

const imageCheckMs = 300_000;
const removalsMax = 2;

/** Starts a node's agent. It goes on trying while the engine or the API are away; `ready` resolves when it serves. */
export function startNodeAgent(options: NodeAgentOptions): NodeAgent {
  const starting: Starting = {
    options,
    machine: options.machine ?? hostMachine(),
    closers: [],
    stopped: false,
    unfit: undefined,
    registration: undefined,
  };
  const ready = start(starting);
  ready.catch((error: unknown) => {
    options.log.error('the node agent could not start', { error: errorMessage(error) });
  });
  return {
    ready,
    stop: async ({ purge = false } = {}) => {
      starting.stopped = true;
      for (const close of starting.closers.splice(0).reverse()) await close();
      if (purge)
        await purgeEverything({
          runtime: options.runtime,
          run: starting.machine.run,
          files: starting.machine.files,
          cluster: options.cluster,
          clusterCidr: options.settings.clusterCidr,
          stateFolder: options.settings.stateFolder,
        });
    },
  };
}

/** Closes it when the agent stops; at once where that has stopped while it started. */
function atEnd({ stopped, closers }: Starting, ...more: readonly Closer[]): void {
  if (!stopped) closers.push(...more);
  else for (const close of more) void close();
}

async function start(starting: Starting): Promise<void> {
  const { options, machine } = starting;
  const { settings } = options;
  const [runtimeFacts, machineFacts, disk] = await Promise.all([
    untilDone(starting, 'ask the container engine', () => options.runtime.facts()),
    machine.facts(),
    machine.disk(settings.stateFolder),
    options.view.synced(),
  ]);
  const facts = nodeFacts(options, { runtime: runtimeFacts, machine: machineFacts, diskBytes: disk.totalBytes });
  const podCidr =
    settings.podCidr ?? (await untilDone(starting, "find the node's pod range", () => claimPodCidr(options, facts)));
  const bridge = await untilDone(starting, 'set up the pod network', () => makeBridge(starting));
  if (starting.stopped) return;
  const own: NodeFacts = { ...facts, podCidr };
  const network = await startNetwork(starting, { filtered: bridge.filtered, machine: machineFacts });
  const ports = podPorts(starting, { facts: own, machine: machineFacts, podCidr });
  /* The image is made while the node registers, so the first pod does not wait for it. */
  options.runtime.sandboxImage().catch((error: unknown) => {
    options.log.warn('the sandbox image could not be made yet', { error: errorMessage(error) });
  });
  await startPods(starting, ports, network.hostPortsChanged);
  const { local } = localPlace(options);
  if (local !== undefined) {
    const reclaiming = reclaimLocalVolumes({ ...options, files: machine.files }, local);
    atEnd(starting, () => {
      reclaiming.close();
    });
  }
  const guard = keepBridge({
    ...options,
    links: ports.links,
    repair: () => repairBridge(starting, ports.links).finally(network.bridgeChanged),
  });
  atEnd(starting, () => {
    guard.close();
  });
  const streams = serveStreams({ ...options, node: options.nodeName, hostIp: own.address });
  atEnd(starting, () => {
    streams.close();
  });
  const registration = await register(options, {
    facts: own,
    leaseMs: settings.leaseMs ?? 1500,
    images: () => options.runtime.images(),
    unfit: () => starting.unfit,
  });
  starting.registration = registration;
  const stopNoticing = options.view.onChange(({ type, resource, object }) => {
    if (type === 'put' && sameResource(resource, resources.nodes) && object.metadata.name === options.nodeName)
      registration.notice(object as unknown as NodeObject);
  });
  atEnd(
    starting,
    () => {
      registration.close();
    },
    stopNoticing,
  );
  if (settings.usagePeriodMs !== undefined) {
    const usage = reportUsage({
      ...options,
      subjects: subjectsOf(options.cluster),
      node: options.nodeName,
      source: machine.usage,
      periodMs: settings.usagePeriodMs,
    });
    atEnd(starting, () => {
      usage.close();
    });
  }
  const timer = options.timers.every(imageCheckMs, () => {
    void collectImages(starting);
  });
  atEnd(starting, () => {
    timer.cancel();
  });
  options.log.info('the node serves', { node: options.nodeName, podCidr, address: own.address });
}

function makeBridge({ options, machine }: Starting): Promise<BridgeFacts> {
  const { runtime, log, cluster, settings } = options;
  return setUpBridge(
    { runtime, run: machine.run, log },
    { cluster, clusterCidr: settings.clusterCidr, serviceCidr: settings.serviceCidr },
  );
}

/** The bridge, and the links of this node's pods to it. */
async function repairBridge(starting: Starting, links: PodLinks): Promise<void> {
  const { options } = starting;
  await makeBridge(starting);
  const sandboxes = await options.runtime.list({
    [labels.cluster]: options.cluster,
    [labels.node]: options.nodeName,
    [labels.role]: 'sandbox',
  });
  await Promise.all(
    sandboxes.filter(({ state }) => state === 'running').map((facts) => connectSandbox({ ports: { links } }, facts)),
  );
}

function untilDone<T>(starting: Starting, step: string, job: () => Promise<T>): Promise<T> {
  return retryUntilSuccess(starting.options, step, job, () => starting.stopped);
}

function nodeFacts(
  options: NodeAgentOptions,
  known: { readonly runtime: RuntimeFacts; readonly machine: MachineFacts; readonly diskBytes: number },
): NodeFacts {
  const { settings } = options;
  return {
    name: options.nodeName,
    address: settings.nodeAddress ?? known.machine.address,
    runtime: known.runtime,
    version: settings.version ?? 'v1.33.5',
    machineId: known.machine.machineId,
    bootId: known.machine.bootId,
    diskBytes: known.diskBytes,
    podsMax: settings.podsMax ?? 110,
    labels: settings.labels ?? {},
    taints: settings.taints ?? [],
    podCidr: settings.podCidr,
    annotations:
      settings.volumesFolder === undefined ? {} : { [localVolumes.folderAnnotation]: settings.volumesFolder },
    reserved: { cpuMilli: settings.reservedCpuMilli ?? 0, memoryBytes: settings.reservedMemoryBytes ?? 100 * 2 ** 20 },
  };
}

/** Where this node makes volumes on demand. */
function localPlace({ nodeName, settings }: NodeAgentOptions): { readonly local?: LocalVolumeOptions } {
  return settings.volumesFolder === undefined ? {} : { local: { node: nodeName, folder: settings.volumesFolder } };
}

function podPorts(
  starting: Starting,
  known: { readonly facts: NodeFacts; readonly machine: MachineFacts; readonly podCidr: string },
): PodPorts {
  const { options, machine } = starting;
  const { settings, client, view } = options;
  const events = new EventRecorder(options, options.nodeName);
  atEnd(starting, () => {
    events.close();
  });
  const allocatable = (): Readonly<Record<string, string>> =>
    view.get<NodeObject>(resources.nodes, undefined, options.nodeName)?.status?.allocatable ??
    allocatableOf(known.facts);
  return {
    identity: { cluster: options.cluster, node: options.nodeName },
    runtime: options.runtime,
    runtimeName: known.facts.runtime.name,
    client,
    view,
    volumes: {
      files: machine.files,
      config: configReader(client),
      tokens: tokenSource(client, options.clock),
      client,
      ...localPlace(options),
    },
    images: imagePuller(options, { pullsMax: settings.pullsMax ?? 3 }),
    addresses: new AddressPool(known.podCidr),
    admitted: new Set(),
    starts: new Gate(settings.startsMax ?? 8),
    removals: new Gate(removalsMax),
    clock: options.clock,
    timers: options.timers,
    log: options.log,
    metrics: options.metrics,
    hostIp: known.facts.address,
    limits: {
      memoryBytes: known.facts.runtime.memoryBytes,
      oomScoreMin: known.machine.oomScoreMin,
      ipv6: known.machine.ipv6,
    },
    allocatable,
    links: machine.links(linkSettings({ cluster: options.cluster, clusterCidr: settings.clusterCidr })),
    clusterDomain: settings.clusterDomain,
    dnsAddress: settings.dnsAddress,
    hostResolver: known.machine.resolver,
    hostsFileOfHost: known.machine.hostsFile,
    podsFolder: `${settings.stateFolder}/pods`,
    event: (pod, event) => {
      events.record(pod, event);
    },
  };
}

/** The node's pods: the actor tree, fed by the view and by the engine's events. */
async function startPods(starting: Starting, ports: PodPorts, hostPortsChanged: () => void): Promise<void> {
  const { options } = starting;
  let adopted: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    adopted = resolve;
  });
  const root: ActorRef<NodeMessage> = options.system.spawn('node-agent', nodeActor({ ports, adopted }));
  const stopListening = options.view.onChange((change) => {
    if (!sameResource(change.resource, resources.pods)) return;
    const pod = change.object as unknown as Pod;
    if (pod.spec.nodeName !== options.nodeName) return;
    root.tell(
      change.type === 'delete' ? { type: 'pod-gone', uid: pod.metadata.uid ?? '' } : { type: 'pod-changed', pod },
    );
  });
  let connections = 0;
  const events = options.runtime.events({ [labels.cluster]: options.cluster }, (event) => {
    if (event.type === 'disconnected') {
      setFitness(starting, 'container runtime is down');
      return;
    }
    if (event.type === 'connected') {
      connections += 1;
      setFitness(starting, undefined);
      if (connections > 1) root.tell({ type: 'engine-back' });
      hostPortsChanged();
      return;
    }
    if (event.labels[labels.hostPorts] !== undefined) hostPortsChanged();
    if (event.labels[labels.node] === options.nodeName) root.tell({ type: 'engine-event', event });
  });
  atEnd(
    starting,
    () => {
      root.tell({ type: 'stop' });
    },
    stopListening,
    () => {
      events.close();
    },
  );
  await done;
}

function setFitness(starting: Starting, unfit: string | undefined): void {
  if (starting.unfit === unfit) return;
  starting.unfit = unfit;
  starting.registration?.update();
}

/** Service rules and cluster DNS. */
async function startNetwork(
  starting: Starting,
  known: { readonly filtered: boolean; readonly machine: MachineFacts },
): Promise<{ readonly hostPortsChanged: () => void; readonly bridgeChanged: () => void }> {
  const { options, machine } = starting;
  const { settings } = options;
  const names = networkNames(options.cluster);
  const dnsFacts = viewDnsFacts(options.view, settings.clusterDomain);
  const gateway = gatewayOf(settings.clusterCidr);
  const dns = await untilDone(starting, 'start cluster DNS', () =>
    machine.startDns({
      address: gateway,
      facts: dnsFacts,
      upstreams: known.machine.resolver.nameservers,
      timers: options.timers,
      random: options.random,
      log: options.log,
    }),
  );
  let hostPorts: readonly HostPort[] = [];
  const claim: MachineClaim = machine.claim({
    cluster: options.cluster,
    node: options.nodeName,
    timers: options.timers,
    changed: () => {
      hostPortsChanged();
      routes.wake();
    },
  });
  const hostPortsChanged = (): void => {
    void readHostPorts(options)
      .then(
        (found) => {
          hostPorts = found;
        },
        (error: unknown) => {
          options.log.warn('host ports could not be read', { error: errorMessage(error) });
        },
      )
      .finally(() => {
        proxy.wake();
      });
  };
  const proxy = startProxy({
    ...options,
    run: machine.run,
    active: () => claim.held,
    localNodes: () => claim.nodes,
    hostPorts: () => hostPorts,
    facts: {
      table: names.table,
      bridge: names.bridge,
      clusterCidr: settings.clusterCidr,
      serviceCidr: settings.serviceCidr,
      filtered: known.filtered,
      dns: { clusterAddress: settings.dnsAddress, address: gateway, port: dns.port },
    },
    ...(settings.apiServer === undefined ? {} : { apiServer: settings.apiServer }),
  });
  const routes = keepNodeRoutes({
    ...options,
    run: machine.run,
    active: () => claim.held,
    settings: {
      cluster: options.cluster,
      bridge: names.bridge,
      clusterCidr: settings.clusterCidr,
      forwardChain: options.runtime.forwardChain,
    },
    remote: () => remoteRanges(options, settings.nodeAddress ?? known.machine.address),
  });
  const stopNoticing = options.view.onChange(({ resource }) => {
    if (sameResource(resource, resources.nodes)) routes.wake();
  });
  atEnd(
    starting,
    () => {
      dns.close();
      dnsFacts.close();
    },
    () => {
      claim.close();
    },
    () => proxy.close(),
    stopNoticing,
    () => {
      routes.close();
    },
  );
  return {
    hostPortsChanged,
    bridgeChanged: () => {
      routes.wake();
    },
  };
}

/** Pods of nodes on other machines. */
function remoteRanges({ view }: NodeAgentOptions, ownAddress: string): readonly RemoteRange[] {
  return view.list<NodeObject>(resources.nodes).flatMap(({ spec, status }) => {
    const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    const podCidr = spec?.podCIDR ?? '';
    return address === undefined || address === ownAddress || podCidr === '' ? [] : [{ podCidr, address }];
  });
}

async function readHostPorts(options: NodeAgentOptions): Promise<readonly HostPort[]> {
  const found = await options.runtime.list({ [labels.cluster]: options.cluster, [labels.hostPorts]: '' });
  return found
    .filter(({ state }) => state === 'running')
    .flatMap(({ labels: own }) =>
      (own[labels.hostPorts] ?? '').split(',').flatMap((text) => {
        const [protocol = '', hostIp = '', hostPort = '', port = ''] = text.split('/');
        const known = protocol.toLowerCase();
        return known === 'tcp' || known === 'udp' || known === 'sctp'
          ? [
              {
                protocol: known,
                hostIp,
                hostPort: Number(hostPort),
                address: own[labels.address] ?? '',
                port: Number(port),
              } as const,
            ]
          : [];
      }),
    );
}

const lastUsed = new WeakMap<Starting, Map<string, number>>();

async function collectImages(starting: Starting): Promise<void> {
  const { options, machine } = starting;
  try {
    const used = new Set((await options.runtime.list({ [labels.cluster]: '' })).map(({ imageId }) => imageId));
    const images = (await options.runtime.images()).filter((image) => image.labels[labels.role] !== 'image');
    const seen = lastUsed.get(starting) ?? new Map<string, number>();
    lastUsed.set(starting, seen);
    const now = options.clock.now();
    for (const { id } of images) if (used.has(id) || !seen.has(id)) seen.set(id, now);
    const { imageHighPercent: highPercent = 85, imageLowPercent: lowPercent = 80, stateFolder } = options.settings;
    for (const image of imagesToRemove(
      images,
      { used, lastUsed: seen },
      { ...(await machine.disk(stateFolder)), highPercent, lowPercent, now },
    ))
      await options.runtime.removeImage(image.id);
  } catch (error) {
    options.log.warn('unused images could not be removed', { error: errorMessage(error) });
  }
}
