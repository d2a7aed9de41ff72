/** What a member is made from: the ports of its surroundings, and its options. */
import type { ActorSystem } from '../../actors/index.ts';
import type { Audit, SigningKeyFiles, SigningKeyOptions } from '../../api-server/index.ts';
import type { Clock, Disk, Logger, LogLevels, Random, Timers } from '../../base/index.ts';
import type { Bus, NatsConnections, NatsIssuer } from '../../bus/index.ts';
import type { MetricsRegistry, Traces } from '../../platform/index.ts';
import type { AdmissionConfiguration } from '../../resources/index.ts';
import type { MemberRecord } from '../../shards/index.ts';
import type { FolderLock, StoreTransport } from '../../state/index.ts';
import type { ProcessFigures } from '../../supervision/index.ts';
import type { AccessPlugIns } from '../access/index.ts';
import type { MemberSecrets } from '../join/index.ts';
import type { Pki } from '../keys/index.ts';
import type { Settings } from '../process/index.ts';

/** The surroundings of a member. */
export interface MemberPorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  /** Sees and ends the NATS connections of others; absent: none are ended. */
  readonly connections?: NatsConnections | undefined;
  /** Between the stores of several members. */
  readonly transport?: StoreTransport | undefined;
  readonly disk: Disk;
  /** Keeps a second process out of the store's folder. */
  readonly lock: FolderLock;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Runs a call once all input that has arrived is taken; absent: at once. */
  readonly afterInput?: ((run: () => void) => void) | undefined;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly traces: Traces;
  /** The levels of this process's log. */
  readonly levels?: LogLevels | undefined;
}

export interface MemberOptions {
  readonly name: string;
  /** The founding members, this one among them; none when it joins others. */
  readonly voters: readonly string[];
  /** Of a replica: the members that it follows. */
  readonly learnerOf?: readonly string[] | undefined;
  /** Other processes answer at its port, too. */
  readonly sharesPort?: boolean | undefined;
  /** What the founders call the timeline that begins with an empty store. */
  readonly timeline: string;
  /** The addresses and ports under which other members and nodes reach it. */
  readonly record: MemberRecord;
  /** Handed to a member that joins from another machine; absent where none can. */
  readonly secrets?: MemberSecrets | undefined;
  readonly settings: Settings;
  /** As it is when it is read: certificates are renewed. */
  readonly pki: Pki;
  /** The store's folder. */
  readonly dataFolder: string;
  /** The administrator's bearer tokens that are accepted now. */
  readonly adminTokens: () => readonly string[];
  /** Absent: the NATS servers decide by themselves who may connect. */
  readonly natsIssuer?: NatsIssuer | undefined;
  readonly dashboardFolder: string;
  /** Measures the process; each call starts a new period of its event loop's lag. */
  readonly figures: () => ProcessFigures;
  /** Authentication and authorization beside the cluster's own; absent: none. */
  readonly access?: AccessPlugIns | undefined;
  /** The settings of admission plug-ins; absent: as Kubernetes has them without a configuration. */
  readonly admission?: AdmissionConfiguration | undefined;
  /** The keys of service accounts' tokens; default: the one of `pki` alone. */
  readonly signing?: SigningKeyOptions | undefined;
  /** Their files, where each member has files of its own. */
  readonly keyFiles?: SigningKeyFiles | undefined;
  /** The audit log; absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  /** Called when the store can no longer serve: the process must end. */
  readonly onFailure: (error: unknown) => void;
}
