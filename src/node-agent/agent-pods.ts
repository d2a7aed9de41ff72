/** The pods' part of the agent: what their actors work with, and what wakes them. */
import type { ActorRef } from '../actors/index.ts';
import { errorMessage } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { cdiDevices } from './cdi/index.ts';
import { UserRanges } from './container/index.ts';
import type { NodeCpus } from './cpus/index.ts';
import type { NodeClaims } from './device-claims/index.ts';
import type { NodeDevices } from './devices/index.ts';
import { Gate, imagePuller, pullsMaxOf } from './images/index.ts';
import { type Node, type Pod, resources, sameResource } from '../api/index.ts';
import { immediateGraceMs, watchStorageLimits } from './eviction/index.ts';
import type { Lifetime } from './lifetime.ts';
import { AddressPool, type FamilyNetwork, linkSettings, type PodLinks, type RunCommand } from './network/index.ts';
import { nodeActor, type NodeMessage } from './node-actor.ts';
import { allocatableOf, type NodeEvents, type Machine, type MachineFacts, type NodeFacts } from './node/index.ts';
import { Allocations, connectSandbox, evictedReason, type PodPorts } from './pod/index.ts';
import { ProbeTally } from './probes/index.ts';
import { clusterLabels, labels, type RuntimeEvent } from './runtime/index.ts';
import type { NodeTopology } from './topology/index.ts';
import type { LocalVolumeOptions, VolumePorts } from './volumes/index.ts';

/** Creates and starts at the engine at once. */
const startsMax = 8;
const removalsMax = 2;

/** Where this node makes volumes on demand; undefined: it makes none. */
export function localPlace({ nodeName, settings }: NodeAgentOptions): LocalVolumeOptions | undefined {
  return settings.volumesFolder === undefined ? undefined : { node: nodeName, folder: settings.volumesFolder };
}

interface PodGround {
  readonly volumes: VolumePorts;
  readonly events: NodeEvents;
  readonly machine: Machine;
  readonly machineFacts: MachineFacts;
  readonly facts: NodeFacts;
  readonly networks: readonly FamilyNetwork[];
  /** Types of the pressures that the node is under now. */
  readonly pressures: () => readonly string[];
  readonly isShuttingDown: () => boolean;
  readonly devices: NodeDevices | undefined;
  readonly claims: NodeClaims | undefined;
  readonly cpus: NodeCpus | undefined;
  readonly topology: NodeTopology;
}

export function podPorts(options: NodeAgentOptions, ground: PodGround): PodPorts {
  const { machine, machineFacts, facts, networks, volumes, events, pressures, isShuttingDown } = ground;
  const { settings, client, view, clock, timers, log, metrics, cluster, clusterId, nodeName } = options;
  const { podPidsLimit = 4096, seccompDefault = true, seccompFolder = '/var/lib/kubelet/seccomp' } = settings;
  return {
    node: {
      identity: { cluster, clusterId, node: nodeName },
      allocations: new Allocations(),
      allowedSysctls: settings.allowedUnsafeSysctls ?? [],
      pressures,
      isShuttingDown,
      allocatable: () =>
        view.get<Node>(resources.nodes, undefined, nodeName)?.status?.allocatable ?? allocatableOf(facts),
      limits: {
        memoryBytes: facts.runtime.memoryBytes,
        oomScoreMin: machineFacts.oomScoreMin,
        ipv6: machineFacts.ipv6,
        processesMax: podPidsLimit === 0 ? undefined : podPidsLimit,
      },
      confinement: { ...facts.runtime, seccompDefault },
      topology: ground.topology,
      users: new UserRanges(facts.podsMax),
      cdi: cdiDevices(log),
      seccompProfile: (name) => machine.seccompProfile(seccompFolder, name),
      podsFolder: `${settings.stateFolder}/pods`,
    },
    engine: {
      runtime: options.runtime,
      name: facts.runtime.name,
      starts: new Gate(startsMax),
      removals: new Gate(removalsMax),
      images: imagePuller(options, { pullsMax: pullsMaxOf(settings) }),
    },
    network: {
      hostIps: facts.addresses,
      addresses: new AddressPool(facts.podCidrs),
      links: machine.links(linkSettings({ cluster, networks, podCidrs: facts.podCidrs })),
      clusterDomain: settings.clusterDomain,
      dnsAddresses: networks.map(({ dnsAddress }) => dnsAddress),
      hostResolver: machineFacts.resolver,
      hostsFileOfHost: machineFacts.hostsFile,
    },
    volumes,
    devices: ground.devices,
    claims: ground.claims,
    cpus: ground.cpus,
    api: { client, view },
    event: (pod, event) => {
      events.record(pod, event);
    },
    probes: new ProbeTally(),
    clock,
    timers,
    log,
    metrics,
  };
}

interface PodParts {
  readonly ports: PodPorts;
  readonly run: RunCommand;
  readonly lifetime: Lifetime;
  readonly hostPortsChanged: () => void;
  /** Why the node cannot run pods now; undefined: it can. */
  readonly engineChanged: (notReadyReason: string | undefined) => void;
}

/** Ends a pod for reasons of the node's own. */
export type EndPod = (
  pod: Pod,
  why: { readonly reason: string; readonly message: string; readonly graceMs: number },
) => void;

/** Starts the actors of the node's pods; resolves when everything found on the engine is adopted. */
export async function startPods(options: NodeAgentOptions, parts: PodParts): Promise<EndPod> {
  const { ports, lifetime } = parts;
  let adopted: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    adopted = resolve;
  });
  const root = options.system.spawn('node-agent', nodeActor({ ports, adopted }));
  lifetime.atEnd(() => {
    root.tell({ type: 'stop' });
  });
  const end: EndPod = ({ metadata }, why) => {
    root.tell({ type: 'evict', uid: metadata.uid ?? '', disrupted: true, ...why });
  };
  lifetime.atEnd(
    ports.api.view.onChange((change) => {
      if (!sameResource(change.resource, resources.pods)) return;
      const pod = change.object as Pod;
      if (pod.spec.nodeName !== options.nodeName) return;
      if (change.type === 'delete') ports.probes.forget(pod.metadata.uid ?? '');
      root.tell(
        change.type === 'delete' ? { type: 'pod-gone', uid: pod.metadata.uid ?? '' } : { type: 'pod-changed', pod },
      );
    }),
  );
  const events = options.runtime.events(clusterLabels(options), engineListener(options, root, parts));
  const storage = watchStorageLimits({
    ...options,
    view: ports.api.view,
    run: parts.run,
    podsFolder: parts.ports.node.podsFolder,
    evict: ({ metadata: { uid = '' } }, message) => {
      root.tell({ type: 'evict', uid, reason: evictedReason, message, graceMs: immediateGraceMs });
    },
  });
  lifetime.atEnd(() => {
    storage.close();
  });
  lifetime.atEnd(() => {
    events.close();
  });
  await done;
  return end;
}

function engineListener(
  { nodeName }: NodeAgentOptions,
  root: ActorRef<NodeMessage>,
  { hostPortsChanged, engineChanged }: PodParts,
): (event: RuntimeEvent) => void {
  let connections = 0;
  return (event) => {
    if (event.type === 'disconnected') {
      engineChanged('container runtime is down');
      return;
    }
    if (event.type === 'connected') {
      connections += 1;
      engineChanged(undefined);
      if (connections > 1) root.tell({ type: 'engine-back' });
      hostPortsChanged();
      return;
    }
    if (event.labels[labels.hostPorts] !== undefined) hostPortsChanged();
    if (event.labels[labels.node] === nodeName) root.tell({ type: 'engine-event', event });
  };
}

/** Makes sure that each running sandbox of the node has its link to the bridge. */
export async function connectPods(options: NodeAgentOptions, links: PodLinks): Promise<void> {
  const sandboxes = await options.runtime.list({
    ...clusterLabels(options),
    [labels.node]: options.nodeName,
    [labels.role]: 'sandbox',
  });
  const running = sandboxes.filter(({ state }) => state === 'running');
  const results = await Promise.allSettled(running.map((facts) => connectSandbox(links, facts)));
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [errorMessage(result.reason)] : []));
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${running.length} pods have no link yet: ${failed.slice(0, 3).join('; ')}`);
}
