/** Starts a node's agent, part by part, and stops it. */
import { errorMessage } from '../base/index.ts';
import { subjectsOf } from '../bus/index.ts';
import { localVolumes } from '../protocol/index.ts';
import { type NetworkFeed, startNetwork } from './agent-network.ts';
import { connectPods, podPorts, startPods } from './agent-pods.ts';
import type { NodeAgent, NodeAgentOptions } from './agent-settings.ts';
import { Standing } from './agent-standing.ts';
import { openPressure, startEvictions } from './agent-pressure.ts';
import { startUpkeep } from './agent-upkeep.ts';
import { openClaims, openCpus, openDevices, nodeTopology, openPodResources } from './agent-devices.ts';
import type { PluginHandler } from './csi/index.ts';
import type { NodeDevices } from './devices/index.ts';
import { type NodeVolumes, openVolumes } from './agent-volumes.ts';
import { familyOf } from '../api/index.ts';
import { Lifetime } from './lifetime.ts';
import { type BridgeFacts, type FamilyNetwork, keepBridge, setUpBridge } from './network/index.ts';
import { heldBackOf, hostMachine, type Machine, type MachineFacts, type NodeFacts } from './node/index.ts';
import { nodePaths } from './agent-paths.ts';
import { type KubeletPaths, openKubeletPort, type PortCertificate } from './kubelet/index.ts';
import { claimPodCidrs } from './pod-range.ts';
import type { PodPorts } from './pod/index.ts';
import { purgeEverything } from './purge.ts';
import { retryUntilSuccess } from './retry.ts';
import { prepareShutdown } from './agent-shutdown.ts';
import type { ShutdownOutcome } from './shutdown/index.ts';
import { startStaticPods } from './static/index.ts';
import { serveStreams } from './streams/index.ts';
import { reportUsage, type UsageMeter, usageMeter } from './usage/index.ts';

const podsMax = 110;

/** Starts a node's agent. It goes on trying while the engine or the API are away; `ready` resolves when it serves. */
export function startNodeAgent(options: NodeAgentOptions): NodeAgent {
  const machine = options.machine ?? hostMachine();
  const lifetime = new Lifetime();
  const started = start(options, machine, lifetime);
  const ready = started.then(() => undefined);
  ready.catch((error: unknown) => {
    options.log.error('the node agent failed to start', { error: errorMessage(error) });
  });
  return {
    ready,
    shutDown: async () => {
      const shutDown = await started;
      return shutDown();
    },
    stop: async ({ purge = false } = {}) => {
      await lifetime.end();
      if (purge)
        await purgeEverything({
          runtime: options.runtime,
          run: machine.run,
          files: machine.files,
          cluster: options.cluster,
          clusterId: options.clusterId,
          nodes: [options.nodeName],
          clusterCidrs: options.settings.networks.map(({ clusterCidr }) => clusterCidr),
          stateFolders: [options.settings.stateFolder],
          kubeletRoot: options.settings.kubeletRoot,
        });
    },
  };
}

/** What is known before pods can run. */
interface Ground {
  readonly facts: NodeFacts;
  /** The families of the cluster that this machine has. */
  readonly networks: readonly FamilyNetwork[];
  readonly machineFacts: MachineFacts;
  readonly bridge: BridgeFacts;
}

/** Resolves, when the node serves, with what ends its pods. */
async function start(
  options: NodeAgentOptions,
  machine: Machine,
  lifetime: Lifetime,
): Promise<() => Promise<ShutdownOutcome>> {
  const ground = await prepare(options, { machine, lifetime });
  if (lifetime.over) return () => Promise.resolve({ ended: 0, left: 0 });
  const { facts, machineFacts, networks } = ground;
  const network = await startNetwork(options, {
    machine,
    machineFacts,
    facts,
    networks,
    bridge: ground.bridge,
    makeBridge: () => makeBridge(options, machine, networks),
    lifetime,
  });
  const standing = new Standing(options.timers);
  const { notReadyReason, update } = standing;
  const volumes = await openVolumes(options, { machine, lifetime, inUseChanged: update });
  const pressure = await openPressure(options, { machine, facts, lifetime });
  const pressures = (): readonly string[] => pressure.pressures;
  const { ports, devices, plugins } = await openPorts(options, {
    machine,
    ground,
    volumes,
    standing,
    pressures,
    lifetime,
  });
  makeSandboxImage(options);
  await guardBridge(options, { machine, networks, ports, network, lifetime });
  const endPod = await startPods(options, {
    ports,
    run: machine.run,
    lifetime,
    hostPortsChanged: network.hostPortsChanged,
    engineChanged: standing.engineChanged,
  });
  const upkeep = startUpkeep(options, { machine, facts, ports, events: volumes.events, lifetime });
  const meter = usageMeter({ ...options, node: options.nodeName, source: machine.usage });
  serveKubelet(options, lifetime, { ports, machine, facts, meter, notReadyReason, csi: volumes.csi });
  await standing.register(options, {
    facts,
    lifetime,
    pressures,
    volumesInUse: () => volumes.csi?.volumes.inUse ?? [],
    devices: devices === undefined ? undefined : () => devices.amounts(),
  });
  startEvictions(options, pressure, {
    ports,
    machine,
    meter,
    events: volumes.events,
    endPod,
    reclaimDisk: upkeep.reclaimDisk,
    changed: update,
  });
  volumes.csi?.start(plugins);
  startMeasuring(options, meter, lifetime);
  const shutDown = prepareShutdown(options, { ports, events: volumes.events, standing, endPod });
  options.log.info('the node serves', { node: options.nodeName, podCidrs: facts.podCidrs, addresses: facts.addresses });
  return shutDown;
}

interface PortParts {
  readonly machine: Machine;
  readonly ground: Ground;
  readonly volumes: NodeVolumes;
  readonly standing: Standing;
  readonly pressures: () => readonly string[];
  readonly lifetime: Lifetime;
}

interface OpenedPorts {
  readonly ports: PodPorts;
  /** Undefined: device plug-ins cannot find this node. */
  readonly devices: NodeDevices | undefined;
  /** Types of plug-ins beside those of CSI. */
  readonly plugins: ReadonlyMap<string, PluginHandler>;
}

/** What the actors of pods work with, static pods and devices among it. */
async function openPorts(
  options: NodeAgentOptions,
  { machine, ground, volumes, standing, pressures, lifetime }: PortParts,
): Promise<OpenedPorts> {
  const { isShuttingDown, update } = standing;
  const own = { ...options, ...(await openStaticPods(options, machine, lifetime)) };
  const found = await machine.cpus();
  const devices = await openDevices(own, { csi: volumes.csi, lifetime, changed: update, machine: found });
  const { ports: volumePorts, events } = volumes;
  const claims = await openClaims(own, { csi: volumes.csi, lifetime });
  const cpus = await openCpus(options, { machine: found, csi: volumes.csi, lifetime });
  const vendors = { devices, claims, cpus };
  await openPodResources(own, { csi: volumes.csi, lifetime, ...vendors });
  const ports = podPorts(own, {
    ...ground,
    ...vendors,
    topology: nodeTopology(options.settings, { machine: found, devices, cpus }),
    machine,
    volumes: volumePorts,
    events,
    pressures,
    isShuttingDown,
  });
  const plugins = new Map<string, PluginHandler>();
  if (devices !== undefined) plugins.set('DevicePlugin', devices.handler);
  if (claims !== undefined) plugins.set('DRAPlugin', claims.handler);
  return { ports, devices, plugins };
}

/** While the node registers, so that the first pod does not wait for it. */
function makeSandboxImage({ runtime, log }: NodeAgentOptions): void {
  runtime.sandboxImage().catch((error: unknown) => {
    log.warn('failed to make the sandbox image; retrying with the first pod', { error: errorMessage(error) });
  });
}

/** Answers the paths of a kubelet, and opens streams to the node's pods. */
function serveKubelet(options: NodeAgentOptions, lifetime: Lifetime, parts: Parameters<typeof nodePaths>[1]): void {
  const hostIp = parts.facts.addresses[0] ?? '';
  const kubelet = nodePaths(options, parts);
  const streams = serveStreams({
    ...options,
    node: options.nodeName,
    hostIp,
    kubelet,
    loopback: parts.machine.loopback?.(options.timers),
  });
  lifetime.atEnd(() => {
    streams.close();
  });
  openPort(options, lifetime, { facts: parts.facts, paths: kubelet });
}

/** The port of the node itself, if the settings want it. Without it the node serves all the same. */
function openPort(
  options: NodeAgentOptions,
  lifetime: Lifetime,
  { facts, paths }: { readonly facts: NodeFacts; readonly paths: KubeletPaths },
): void {
  const { settings, portCertificate, nodeName: node, log } = options;
  const { port = 0, address = '0.0.0.0' } = settings;
  if (port === 0 || portCertificate === undefined) return;
  const certificate = (): Promise<PortCertificate> => portCertificate([node, ...facts.addresses]);
  openKubeletPort({ ...options, node, address, port, certificate, paths }).then(
    (open) => {
      lifetime.atEnd(() => open.close());
    },
    (error: unknown) => {
      log.warn('the kubelet port did not open: scrapers cannot ask this node itself', {
        port,
        error: errorMessage(error),
        fix: 'give each node of this machine another node.port, or 0 for none, and restart the agent',
      });
    },
  );
}

/** The view and the client with static pods in them; undefined: this node has none. */
async function openStaticPods(
  options: NodeAgentOptions,
  { files }: Machine,
  lifetime: Lifetime,
): Promise<Pick<NodeAgentOptions, 'view' | 'client'> | undefined> {
  const folder = options.settings.staticPodPath ?? '';
  if (folder === '') return undefined;
  const statics = await startStaticPods({ ...options, folder, files, node: options.nodeName });
  lifetime.atEnd(() => {
    statics.close();
  });
  return { view: statics.view, client: statics.client };
}

interface GroundParts {
  readonly machine: Machine;
  readonly lifetime: Lifetime;
}

/** Asks engine and machine, finds the node's pod ranges, makes the bridge; tries each until it succeeds. */
async function prepare(options: NodeAgentOptions, parts: GroundParts): Promise<Ground> {
  const { settings, runtime } = options;
  const { machine, lifetime } = parts;
  const retry = <T>(step: string, job: () => Promise<T>): Promise<T> =>
    retryUntilSuccess(options, step, job, () => lifetime.over);
  const [runtimeFacts, machineFacts, disk] = await Promise.all([
    retry('ask the container engine', () => runtime.facts()),
    machine.facts(),
    machine.disk(settings.stateFolder),
    options.view.synced(),
  ]);
  const networks = servedNetworks(options, machineFacts);
  const facts: NodeFacts = {
    name: options.nodeName,
    addresses: nodeAddresses(networks, machineFacts, settings.nodeAddress),
    runtime: runtimeFacts,
    kubeletPort: settings.port === 0 ? undefined : settings.port,
    version: settings.version ?? 'v1.33.5',
    machineId: machineFacts.machineId,
    bootId: machineFacts.bootId,
    diskBytes: disk.totalBytes,
    podsMax: settings.podsMax ?? podsMax,
    heldBack: heldBackOf(settings, { memoryBytes: runtimeFacts.memoryBytes, diskBytes: disk.totalBytes }),
    podCidrs: settings.podCidrs ?? [],
    annotations:
      settings.volumesFolder === undefined ? {} : { [localVolumes.folderAnnotation]: settings.volumesFolder },
  };
  const claimed = await retry("find the node's pod ranges", () =>
    claimPodCidrs(
      options,
      facts,
      networks.map(({ clusterCidr }) => clusterCidr),
    ),
  );
  const bridge = await retry('set up the pod network', () => makeBridge(options, machine, networks));
  return { facts: { ...facts, podCidrs: claimed }, networks, machineFacts, bridge };
}

/** A machine whose kernel has no IPv6 serves the other family alone. */
function servedNetworks({ settings, log }: NodeAgentOptions, { ipv6 }: MachineFacts): readonly FamilyNetwork[] {
  const served = settings.networks.filter(({ family }) => ipv6 || family !== 'IPv6');
  if (served.length === 0) throw new Error('the pods of this cluster have IPv6 addresses, and this kernel has no IPv6');
  if (served.length < settings.networks.length)
    log.warn('this kernel has no IPv6: pods of this node get an address of IPv4 only', {
      fix: 'start the machine without ipv6.disable=1',
    });
  return served;
}

/** The machine's addresses in the order of the cluster's families; `named`: the one by which it joined. */
function nodeAddresses(
  networks: readonly FamilyNetwork[],
  { addresses }: MachineFacts,
  named: string | undefined,
): readonly string[] {
  const all = named === undefined ? addresses : [named, ...addresses];
  const found = networks.flatMap(({ family }) => all.find((address) => familyOf(address) === family) ?? []);
  return found.length > 0 ? found : all.slice(0, 1);
}

function makeBridge(
  { runtime, log, cluster, clusterId }: NodeAgentOptions,
  { run }: Machine,
  networks: readonly FamilyNetwork[],
): Promise<BridgeFacts> {
  return setUpBridge({ runtime, run, log }, { cluster, clusterId, networks });
}

interface BridgeParts {
  readonly machine: Machine;
  readonly networks: readonly FamilyNetwork[];
  readonly ports: PodPorts;
  readonly network: NetworkFeed;
  readonly lifetime: Lifetime;
}

/** Begins before the pods are adopted: a bridge that is made again from then on has none of their links. */
async function guardBridge(
  options: NodeAgentOptions,
  { machine, networks, ports, network, lifetime }: BridgeParts,
): Promise<void> {
  const { links } = ports.network;
  const keeper = keepBridge(
    {
      ...options,
      links,
      make: () => makeBridge(options, machine, networks),
      connect: () => connectPods(options, links),
      changed: () => {
        network.bridgeChanged();
      },
    },
    await links.bridge(),
  );
  lifetime.atEnd(() => {
    keeper.close();
  });
}

/** Reports the use of CPU and memory, if the settings want it. */
function startMeasuring(options: NodeAgentOptions, meter: UsageMeter, lifetime: Lifetime): void {
  const { usagePeriodMs } = options.settings;
  if (usagePeriodMs === undefined) return;
  const usage = reportUsage({
    ...options,
    subjects: subjectsOf(options.cluster),
    node: options.nodeName,
    meter,
    periodMs: usagePeriodMs,
  });
  lifetime.atEnd(() => {
    usage.close();
  });
}
