/** Starts a node's agent, part by part, and stops it. */
import { errorMessage } from '../base/index.ts';
import { subjectsOf } from '../bus/index.ts';
import { localVolumes } from '../protocol/index.ts';
import { type NetworkFeed, startNetwork } from './agent-network.ts';
import { connectPods, localPlace, podPorts, startPods } from './agent-pods.ts';
import type { NodeAgent, NodeAgentOptions } from './agent-settings.ts';
import { openVolumes } from './agent-volumes.ts';
import { imageCollector } from './images/index.ts';
import { type Node, resources, sameResource } from '../api/index.ts';
import { Lifetime } from './lifetime.ts';
import { type BridgeFacts, keepBridge, setUpBridge } from './network/index.ts';
import {
  hostMachine,
  type Machine,
  type MachineFacts,
  type NodeFacts,
  register,
  type Registration,
} from './node/index.ts';
import { nodePaths } from './agent-paths.ts';
import { claimPodCidr } from './pod-range.ts';
import type { PodPorts } from './pod/index.ts';
import { purgeEverything } from './purge.ts';
import { retryUntilSuccess } from './retry.ts';
import { startStaticPods } from './static/index.ts';
import { serveStreams } from './streams/index.ts';
import { reportUsage, type UsageMeter, usageMeter } from './usage/index.ts';
import { reclaimLocalVolumes } from './volumes/index.ts';

const leaseMs = 1500;
const podsMax = 110;
const imageCheckMs = 300_000;

/** Starts a node's agent. It goes on trying while the engine or the API are away; `ready` resolves when it serves. */
export function startNodeAgent(options: NodeAgentOptions): NodeAgent {
  const machine = options.machine ?? hostMachine();
  const lifetime = new Lifetime();
  const ready = start(options, machine, lifetime);
  ready.catch((error: unknown) => {
    options.log.error('the node agent failed to start', { error: errorMessage(error) });
  });
  return {
    ready,
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
          clusterCidr: options.settings.clusterCidr,
          stateFolders: [options.settings.stateFolder],
          kubeletRoot: options.settings.kubeletRoot,
        });
    },
  };
}

/** What is known before pods can run. */
interface Ground {
  readonly facts: NodeFacts & { readonly podCidr: string };
  readonly machineFacts: MachineFacts;
  readonly bridge: BridgeFacts;
}

/** The node's standing with the API. */
interface Standing {
  /** Undefined while the node is ready. */
  notReadyReason?: string | undefined;
  registration?: Registration | undefined;
}

async function start(options: NodeAgentOptions, machine: Machine, lifetime: Lifetime): Promise<void> {
  const ground = await prepare(options, machine, lifetime);
  if (lifetime.over) return;
  const { facts, machineFacts } = ground;
  const network = await startNetwork(options, {
    machine,
    machineFacts,
    podCidr: facts.podCidr,
    bridge: ground.bridge,
    makeBridge: () => makeBridge(options, machine),
    lifetime,
  });
  // The node is not ready while the engine is away.
  const standing: Standing = {};
  const volumes = await openVolumes(options, {
    machine,
    lifetime,
    inUseChanged: () => {
      standing.registration?.update();
    },
  });
  const statics = await openStaticPods(options, machine, lifetime);
  const ports = podPorts(
    { ...options, ...statics },
    { machine, machineFacts, facts, volumes: volumes.ports, events: volumes.events },
  );
  // The image is made while the node registers, so the first pod does not wait for it.
  options.runtime.sandboxImage().catch((error: unknown) => {
    options.log.warn('failed to make the sandbox image; retrying with the first pod', { error: errorMessage(error) });
  });
  await startPods(options, {
    ports,
    run: machine.run,
    lifetime,
    hostPortsChanged: network.hostPortsChanged,
    engineChanged: (reason) => {
      if (reason === standing.notReadyReason) return;
      standing.notReadyReason = reason;
      standing.registration?.update();
    },
  });
  startUpkeep(options, { machine, ports, network, lifetime });
  const meter = usageMeter({ ...options, node: options.nodeName, source: machine.usage });
  const kubelet = nodePaths(options, {
    ports,
    machine,
    facts,
    meter,
    notReadyReason: () => standing.notReadyReason,
    csi: volumes.csi,
  });
  const streams = serveStreams({ ...options, node: options.nodeName, hostIp: facts.address, kubelet });
  lifetime.atEnd(() => {
    streams.close();
  });
  standing.registration = await registerNode(options, {
    facts,
    lifetime,
    notReadyReason: () => standing.notReadyReason,
    volumesInUse: () => volumes.csi?.volumes.inUse ?? [],
  });
  volumes.csi?.start();
  startMeasuring(options, meter, lifetime);
  options.log.info('the node serves', { node: options.nodeName, podCidr: facts.podCidr, address: facts.address });
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

/** Asks engine and machine, finds the node's pod range, makes the bridge; tries each until it succeeds. */
async function prepare(options: NodeAgentOptions, machine: Machine, lifetime: Lifetime): Promise<Ground> {
  const { settings, runtime } = options;
  const retry = <T>(step: string, job: () => Promise<T>): Promise<T> =>
    retryUntilSuccess(options, step, job, () => lifetime.over);
  const [runtimeFacts, machineFacts, disk] = await Promise.all([
    retry('ask the container engine', () => runtime.facts()),
    machine.facts(),
    machine.disk(settings.stateFolder),
    options.view.synced(),
  ]);
  const facts: NodeFacts = {
    name: options.nodeName,
    address: settings.nodeAddress ?? machineFacts.address,
    runtime: runtimeFacts,
    version: settings.version ?? 'v1.33.5',
    machineId: machineFacts.machineId,
    bootId: machineFacts.bootId,
    diskBytes: disk.totalBytes,
    podsMax: settings.podsMax ?? podsMax,
    podCidr: settings.podCidr,
    annotations:
      settings.volumesFolder === undefined ? {} : { [localVolumes.folderAnnotation]: settings.volumesFolder },
  };
  const podCidr = settings.podCidr ?? (await retry("find the node's pod range", () => claimPodCidr(options, facts)));
  const bridge = await retry('set up the pod network', () => makeBridge(options, machine));
  return { facts: { ...facts, podCidr }, machineFacts, bridge };
}

function makeBridge(
  { runtime, log, cluster, clusterId, settings }: NodeAgentOptions,
  { run }: Machine,
): Promise<BridgeFacts> {
  const { clusterCidr, serviceCidr } = settings;
  return setUpBridge({ runtime, run, log }, { cluster, clusterId, clusterCidr, serviceCidr });
}

interface UpkeepParts {
  readonly machine: Machine;
  readonly ports: PodPorts;
  readonly network: NetworkFeed;
  readonly lifetime: Lifetime;
}

/** Frees what nobody uses any more (volumes, images), and mends the bridge. */
function startUpkeep(options: NodeAgentOptions, { machine, ports, network, lifetime }: UpkeepParts): void {
  const local = localPlace(options);
  if (local !== undefined) {
    const reclaiming = reclaimLocalVolumes({ ...options, files: machine.files }, local);
    lifetime.atEnd(() => {
      reclaiming.close();
    });
  }
  const { links } = ports.network;
  const guard = keepBridge({
    ...options,
    links,
    repair: async () => {
      try {
        await makeBridge(options, machine);
        await connectPods(options, links);
      } finally {
        network.bridgeChanged();
      }
    },
  });
  lifetime.atEnd(() => {
    guard.close();
  });
  const collect = imageCollector({ ...options, disk: () => machine.disk(options.settings.stateFolder) });
  const timer = options.timers.every(imageCheckMs, () => {
    void collect();
  });
  lifetime.atEnd(() => {
    timer.cancel();
  });
}

interface RegistrationParts {
  readonly facts: NodeFacts;
  readonly lifetime: Lifetime;
  readonly notReadyReason: () => string | undefined;
  readonly volumesInUse: () => readonly string[];
}

async function registerNode(options: NodeAgentOptions, parts: RegistrationParts): Promise<Registration> {
  const { facts, lifetime, notReadyReason, volumesInUse } = parts;
  const registration = await register(options, {
    facts,
    leaseMs: options.settings.leaseMs ?? leaseMs,
    images: () => options.runtime.images(),
    notReadyReason,
    volumesInUse,
    leaseAnnotations: options.leaseAnnotations,
  });
  lifetime.atEnd(() => {
    registration.close();
  });
  lifetime.atEnd(
    options.view.onChange(({ type, resource, object }) => {
      if (type === 'put' && sameResource(resource, resources.nodes) && object.metadata.name === options.nodeName)
        registration.notice(object as Node);
    }),
  );
  return registration;
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
