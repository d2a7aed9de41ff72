/** What an API server is made of: the ports of its machine, the write path, credentials and settings. */
import type { ActorNode } from '../actors/index.ts';
import type { Clock, Logger, Metrics, Random, Timers, TraceScope, Turns } from '../base/index.ts';
import type { Bus, NatsConnections, NatsIssuer } from '../bus/index.ts';
import type { MemberService, ResourceView } from '../resources/index.ts';
import type { Store } from '../state/index.ts';
import type { Supervision } from '../supervision/index.ts';
import type { Access } from './access.ts';
import type { Credentials } from './credentials.ts';
import type { Aggregator } from './aggregation/index.ts';
import type { Audit } from './audit/index.ts';
import type { AuthenticationPlugIn, FrontProxy, StaticTokens } from './auth/index.ts';
import type { LongYamlParser } from './request-body.ts';
import type { ListenAddress, TlsOptions } from './http/index.ts';
import type { ProxyExchange } from './streams/index.ts';
import type { HealthCheck, MemberOperator, StoreOperator, VersionInfo } from './paths/index.ts';

export interface ApiServerOptions {
  readonly service: Omit<MemberService, 'close'>;
  readonly store: Store;
  readonly view: ResourceView;
  readonly bus: Bus;
  readonly cluster: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly access: Access;
  readonly credentials: Credentials;
  readonly staticTokens: StaticTokens;
  /** Absent: users are recognised by the cluster's own credentials alone. */
  readonly authentication?: MoreAuthentication | undefined;
  /** Signs what NATS servers are told about those who connect; absent: the servers decide by themselves. */
  readonly natsIssuer?: NatsIssuer | undefined;
  /**
   * Sees and ends connections to the NATS servers; absent: somebody is always taken to hear the change feed, and who
   * was let in stays until its connection ends by itself.
   */
  readonly natsConnections?: NatsConnections | undefined;
  readonly tls: TlsOptions;
  /** Watches and other answers that last of one user; absent: as in `limits`. */
  readonly standingPerUserMax?: number | undefined;
  /** How pods and Services behind a proxy are asked; absent: over HTTP. */
  readonly exchange?: ProxyExchange | undefined;
  readonly listen: ListenAddress;
  /** How many processes of the store use a NATS server of another. */
  readonly natsShared?: (() => number) | undefined;
  /**
   * The address by which other machines and pods reach a server that listens everywhere; absent: only this one does.
   */
  readonly advertisedHost?: string | undefined;
  /** Passes requests on to other API servers; absent: none is reached. */
  readonly aggregator?: Aggregator | undefined;
  /** The dashboard's files; absent: no dashboard. */
  readonly dashboardFolder?: string | undefined;
  readonly version: VersionInfo;
  /** Follows requests; absent: none is followed. */
  readonly traces?: TraceScope | undefined;
  /** Divides work on large bodies between turns of the event loop; absent: each is worked on in one. */
  readonly turns?: Turns | undefined;
  /** Parses long YAML outside of the event loop; absent: it is refused. */
  readonly parseLongYaml?: LongYamlParser | undefined;
  /** The audit trail; absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  /** Requests that are worked on at a time; absent: the limit's default. */
  readonly flowSeats?: number | undefined;
  readonly ports: ServerPorts;
}

/** Ways to recognise users beside the cluster's own. */
interface MoreAuthentication {
  /** Paths that may be asked for without credentials; absent: any. */
  readonly anonymousPaths?: readonly string[] | undefined;
  readonly frontProxy?: FrontProxy | undefined;
  readonly plugIns?: readonly AuthenticationPlugIn[] | undefined;
}

/** What the paths of this server ask of the process around it. */
interface ServerPorts {
  readonly tree: () => ActorNode;
  readonly supervision: Supervision;
  readonly healthChecks: readonly HealthCheck[];
  /** What componentstatuses tells of, by name; absent: nothing. */
  readonly components?: readonly HealthCheck[] | undefined;
  /** The text of /metrics. */
  readonly renderMetrics: () => string | Promise<string>;
  /** What `troupe store` asks of this member; absent: nothing is offered. */
  readonly storeOperator?: StoreOperator | undefined;
  /** Who works on what; absent: nothing is offered. */
  readonly memberOperator?: MemberOperator | undefined;
}
