import type { ActorSystem } from '../actors/index.ts';
import type { Clock, Logger, Metrics, Random, Timers } from '../base/index.ts';
import type { Bus } from '../bus/index.ts';
import type { ResourceClient, ResourceView } from '../resources/index.ts';
import type { Machine } from './node/index.ts';
import type { ContainerRuntime } from './runtime/index.ts';

export interface NodeAgentSettings {
  /** The node's slice of the pod range; absent: taken from the Node object, or claimed from `clusterCidr`. */
  readonly podCidr?: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** The address of cluster DNS, inside of the service range. */
  readonly dnsAddress: string;
  readonly clusterDomain: string;
  /** Where the agent keeps pods' files. */
  readonly stateFolder: string;
  /** Below it volumes are made on demand; absent: this node makes none. */
  readonly volumesFolder?: string;
  /** Where the API listens for this machine; the service `kubernetes` leads there while it has no endpoints. */
  readonly apiServer?: { readonly host: string; readonly port: number };
  /** The address that others reach this machine by; absent: found out. */
  readonly nodeAddress?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** What the Node says as its kubeletVersion. */
  readonly version?: string;
  readonly podsMax?: number;
  /** Creates and starts at the engine at once; default 8. */
  readonly startsMax?: number;
  readonly pullsMax?: number;
  /** Period of the node's Lease; default 1,500. */
  readonly leaseMs?: number;
  readonly reservedCpuMilli?: number;
  readonly reservedMemoryBytes?: number;
  /** Disk use in percent at which unused images are removed, and down to which; default 85 and 80. */
  readonly imageHighPercent?: number;
  readonly imageLowPercent?: number;
  /** How often the use of CPU and memory is measured; absent: never. */
  readonly usagePeriodMs?: number;
}

export interface NodeAgentOptions {
  readonly system: ActorSystem;
  /** Holds the node's pods, and all services, endpointslices and nodes. */
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly bus: Bus;
  readonly cluster: string;
  readonly nodeName: string;
  readonly runtime: ContainerRuntime;
  readonly settings: NodeAgentSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Default: this machine. */
  readonly machine?: Machine | undefined;
}

export interface NodeAgent {
  /** Resolves when the node is registered and its pods are looked after. */
  readonly ready: Promise<void>;
  /**
   * Ends the agent; containers keep running. `purge`: everything of the cluster is removed from the engine and the
   * machine.
   */
  stop(options?: { readonly purge?: boolean }): Promise<void>;
}
