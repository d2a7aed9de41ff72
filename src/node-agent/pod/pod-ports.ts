import type { Clock, Logger, Metrics, Timers } from '../../base/index.ts';
import type { ResourceClient, ResourceView } from '../../resources/index.ts';
import type { AgentIdentity, MachineLimits } from '../container/index.ts';
import type { Gate, ImagePuller } from '../images/index.ts';
import type { Pod } from '../kube/index.ts';
import type { AddressPool, PodLinks } from '../network/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import type { HostResolver, VolumePorts } from '../volumes/index.ts';
import type { PodEvent } from './pod-messages.ts';

/** What pods need of their node. One object for all of them. */
export interface PodPorts {
  readonly identity: AgentIdentity;
  readonly runtime: ContainerRuntime;
  readonly runtimeName: string;
  readonly client: ResourceClient;
  readonly view: ResourceView;
  readonly volumes: VolumePorts;
  readonly images: ImagePuller;
  readonly addresses: AddressPool;
  /** The uids of the pods that the node has taken on. */
  readonly admitted: Set<string>;
  /** Creates and starts at the engine that may run at once. */
  readonly starts: Gate;
  /** Removals at the engine that may run at once: few, since nobody waits for one while pods start. */
  readonly removals: Gate;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly hostIp: string;
  readonly limits: MachineLimits;
  readonly allocatable: () => Readonly<Record<string, string>>;
  readonly links: PodLinks;
  readonly clusterDomain: string;
  readonly dnsAddress: string;
  readonly hostResolver: HostResolver;
  readonly hostsFileOfHost: string;
  /** The folder with one folder for each pod. */
  readonly podsFolder: string;
  /** Writes an event about a pod; never fails the caller. */
  readonly event: (pod: Pod, event: PodEvent) => void;
}

/** One pod's view of the ports. */
export interface PodContext {
  readonly ports: PodPorts;
  readonly uid: string;
  readonly folder: string;
}
