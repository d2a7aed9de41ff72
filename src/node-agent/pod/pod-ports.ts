/** What the actors of pods work with: named ports, one set for all pods of a node. */
import type { Clock, Logger, Metrics, Timers } from '../../base/index.ts';
import type { ResourceClient, ResourceView } from '../../resources/index.ts';
import type { AgentIdentity, MachineLimits, NodeConfinement, UserRanges } from '../container/index.ts';
import type { NodeCpus } from '../cpus/index.ts';
import type { CdiDevices } from '../cdi/index.ts';
import type { NodeClaims } from '../device-claims/index.ts';
import type { NodeDevices } from '../devices/index.ts';
import type { Gate, ImagePuller } from '../images/index.ts';
import type { Pod } from '../../api/index.ts';
import type { AddressPool, PodLinks } from '../network/index.ts';
import type { ProbeTally } from '../probes/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import type { NodeTopology } from '../topology/index.ts';
import type { HostResolver, VolumePorts } from '../volumes/index.ts';
import type { Allocations } from './pod-allocation.ts';
import type { PodEvent } from './pod-messages.ts';

export interface PodPorts {
  readonly node: NodePorts;
  readonly engine: EnginePorts;
  readonly network: NetworkPorts;
  readonly volumes: VolumePorts;
  /** Gives containers their devices; undefined: the node has none. */
  readonly devices: Pick<NodeDevices, 'grant'> | undefined;
  /** Has the devices of pods' claims prepared; undefined: the node has none. */
  readonly claims: Pick<NodeClaims, 'prepare' | 'grant' | 'release' | 'reclaim'> | undefined;
  /** Gives containers their processors; undefined: they run on all. */
  readonly cpus: NodeCpus | undefined;
  readonly api: ApiPorts;
  /** Writes an event about a pod; never fails the caller. */
  readonly event: (pod: Pod, event: PodEvent) => void;
  readonly probes: ProbeTally;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The node that the pods run on. */
interface NodePorts {
  readonly identity: AgentIdentity;
  readonly limits: MachineLimits;
  readonly confinement: NodeConfinement;
  /** Has a new pod's processors and devices set aside near together. */
  readonly topology: NodeTopology;
  /** The users of pods that have their own. */
  readonly users: UserRanges;
  /** The text of a profile of the node, by its `localhostProfile`. Rejects with ConfinementError. */
  readonly seccompProfile: (name: string) => Promise<string>;
  /** What containers get with devices that CDI names. */
  readonly cdi: CdiDevices;
  /** What its Node says it can give to pods. */
  readonly allocatable: () => Readonly<Record<string, string>>;
  /** Types of the pressures that the node is under now. */
  readonly pressures: () => readonly string[];
  readonly isShuttingDown: () => boolean;
  /** Sysctls that pods may set beside the safe ones. */
  readonly allowedSysctls: readonly string[];
  /** The pods that it has taken on, with what each was given. */
  readonly allocations: Allocations;
  /** The folder with one folder for each pod. */
  readonly podsFolder: string;
}

interface EnginePorts {
  readonly runtime: ContainerRuntime;
  /** The scheme of container ids in a pod's status. */
  readonly name: string;
  readonly images: ImagePuller;
  /** Creates and starts that may run at once. */
  readonly starts: Gate;
  /** Removals that may run at once: few, since nobody waits for one while pods start. */
  readonly removals: Gate;
}

interface NetworkPorts {
  /** The node's addresses, one for each family. */
  readonly hostIps: readonly string[];
  /** The node's pod ranges. */
  readonly addresses: AddressPool;
  readonly links: PodLinks;
  readonly clusterDomain: string;
  readonly dnsAddresses: readonly string[];
  readonly hostResolver: HostResolver;
  readonly hostsFileOfHost: string;
}

interface ApiPorts {
  readonly client: ResourceClient;
  readonly view: ResourceView;
}

/** One pod's view of the ports. */
export interface PodContext {
  readonly ports: PodPorts;
  readonly uid: string;
  readonly folder: string;
}
