/** What a node's agent is started with. */
import type { ActorSystem } from '../actors/index.ts';
import type { Clock, Logger, Metrics, Random, Timers } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { ResourceClient, ResourceView } from '../resources/index.ts';
import type { KubeletSettings } from './kubelet-settings.ts';
import type { PortCertificate } from './kubelet/index.ts';
import type { FamilyNetwork, NetworkMode } from './network/index.ts';
import type { Machine } from './node/index.ts';
import type { ProxyPlaces } from './proxy/index.ts';
import type { ContainerRuntime } from './runtime/index.ts';
import type { ShutdownOutcome } from './shutdown/index.ts';

interface NodeAgentSettings extends KubeletSettings {
  /** The node's slices of the pod ranges; absent: taken from the Node object, or claimed. */
  readonly podCidrs?: readonly string[] | undefined;
  /** One for each address family of the cluster; the first is the default one. */
  readonly networks: readonly FamilyNetwork[];
  /** How packets come to pods of other machines; default `auto`. */
  readonly networkMode?: NetworkMode | undefined;
  readonly clusterDomain: string;
  /** Where the agent keeps pods' files. */
  readonly stateFolder: string;
  /** Below it volumes are made on demand; absent: this node makes none. */
  readonly volumesFolder?: string | undefined;
  /** Where the API listens for this machine; the service `kubernetes` leads there while it has no endpoints. */
  readonly apiServer?: { readonly host: string; readonly port: number } | undefined;
  /** The address that others reach this machine by; absent: found out. */
  readonly nodeAddress?: string | undefined;
  /** What the Node says as its kubeletVersion. */
  readonly version?: string | undefined;
  readonly podsMax?: number | undefined;
  /** Processes and threads in each container of a pod; default 4,096. 0: no limit. */
  readonly podPidsLimit?: number | undefined;
  /** Containers that name no seccomp profile get the engine's own; default true. */
  readonly seccompDefault?: boolean | undefined;
  /** Sysctls that pods may set beside the safe ones; `*` at the end stands for anything. */
  readonly allowedUnsafeSysctls?: readonly string[] | undefined;
  /** Where profiles of type Localhost are; default the kubelet's folder. */
  readonly seccompFolder?: string | undefined;
  /** The folder that CSI drivers know as the kubelet's; absent: none are served. */
  readonly kubeletRoot?: string | undefined;
  /** Whose files are pods of this node that need no API; absent: none. */
  readonly staticPodPath?: string | undefined;
  /** A kubelet's port on the node, for scrapers; 0 or absent: none is open. */
  readonly port?: number | undefined;
  /** Where that port listens; absent: at all addresses. */
  readonly address?: string | undefined;
  /** Where the service proxy has kube-proxy's ports; absent: nowhere. */
  readonly proxyPlaces?: ProxyPlaces | undefined;
  /** Period of the node's Lease; default 1,500. */
  readonly leaseMs?: number | undefined;
  /** How often the use of CPU and memory is measured; absent: never. */
  readonly usagePeriodMs?: number | undefined;
}

export interface NodeAgentOptions {
  readonly system: ActorSystem;
  /** Holds the node's pods, and all services, endpointslices and nodes. */
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly bus: Bus;
  readonly cluster: string;
  /** See ClusterIdentity. */
  readonly clusterId?: string | undefined;
  readonly nodeName: string;
  readonly runtime: ContainerRuntime;
  readonly settings: NodeAgentSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The metrics of this process as Prometheus reads them; absent: the process is not the node's own. */
  readonly renderMetrics?: (() => string) | undefined;
  /** Makes a certificate for the kubelet's port, for these names and addresses; absent: the port cannot open. */
  readonly portCertificate?: ((hosts: readonly string[]) => Promise<PortCertificate>) | undefined;
  /** What the node's Lease says beside its time. */
  readonly leaseAnnotations?: (() => Readonly<Record<string, string>>) | undefined;
  /** Tokens of pods from before (wall-clock ms) are replaced. */
  readonly tokensNotBefore?: (() => number) | undefined;
  /** Default: this machine. */
  readonly machine?: Machine | undefined;
}

export interface NodeAgent {
  /** Resolves when the node is registered and its pods are looked after. */
  readonly ready: Promise<void>;
  /** Ends the node's pods, since the machine goes down. From now on it takes none. */
  shutDown(): Promise<ShutdownOutcome>;
  /**
   * Ends the agent; containers keep running. `purge`: everything of the cluster is removed from the engine and the
   * machine.
   */
  stop(options?: { readonly purge?: boolean | undefined }): Promise<void>;
}
