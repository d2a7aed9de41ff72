import { timeText } from '../api/index.ts';
import type { ActorNode } from '../actors/index.ts';
import type { Clock, Logger, Metrics, Random, Timers, TraceScope } from '../base/index.ts';
import { type Bus, type NatsConnections, type NatsIssuer, subjectsOf } from '../bus/index.ts';
import { localClient, type MemberService, type ResourceView, systemUser, type UserInfo } from '../resources/index.ts';
import type { Store } from '../state/index.ts';
import type { Supervision } from '../supervision/index.ts';
import type { Access, Credentials } from './access.ts';
import type { Audit } from './audit/index.ts';
import {
  aggregatedApis,
  aggregatedOpenapi,
  aggregatedPaths,
  aggregatedResources,
  type Aggregator,
  noAggregatedApis,
  noForeignOpenapi,
} from './aggregation/index.ts';
import {
  type AuthenticationPlugIn,
  type AuthenticationPorts,
  createAuthenticator,
  type FrontProxy,
  noteTokenUse,
} from './auth/index.ts';
import { createFlowControl } from './flow/index.ts';
import { type ApiHandler, createHandler } from './handler.ts';
import { httpExchange, openHttpDoor, staticFiles, type TlsOptions } from './http/index.ts';
import { answerConnections, openNatsDoor, startChangeFeed, watchAudience } from './nats/index.ts';
import {
  dashboardPaths,
  discoveryPaths,
  flowDumps,
  firstPath,
  type HealthCheck,
  healthPaths,
  identityPaths,
  type MemberOperator,
  memberPaths,
  metricsPath,
  openapiPaths,
  operatorPaths,
  rootPath,
  type StoreOperator,
  storePaths,
  type VersionInfo,
  versionPath,
} from './paths/index.ts';
import { createRequestMeter } from './request-meter.ts';
import { createResourceHandler } from './resource-handler.ts';
import { createStreamHandler } from './streams/index.ts';

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
  /** SHA-256 (hex) of a token -> its user: bootstrap and static tokens. */
  readonly staticTokens: ReadonlyMap<string, UserInfo>;
  /** Ways to recognise users beside the cluster's own; default: none. */
  readonly authentication?: { readonly frontProxy?: FrontProxy; readonly plugIns?: readonly AuthenticationPlugIn[] };
  /** Signs what NATS servers are told about those who connect; absent: the servers decide by themselves. */
  readonly natsIssuer?: NatsIssuer | undefined;
  /** Sees who is connected to the NATS servers; absent: somebody is always taken to hear the change feed. */
  readonly natsConnections?: Pick<NatsConnections, 'count'> | undefined;
  readonly tls: TlsOptions;
  readonly listen: { readonly host: string; readonly port: number };
  /** `host:port` by which clients reach the server; default: where it listens. */
  readonly advertise?: string | undefined;
  /** Passes requests on to other API servers; absent: none is reached. */
  readonly aggregator?: Aggregator | undefined;
  /** The dashboard's files; absent: no dashboard. */
  readonly dashboardFolder?: string | undefined;
  readonly version: VersionInfo;
  /** Follows requests; absent: none is followed. */
  readonly traces?: TraceScope | undefined;
  /** The audit trail; absent: nothing is recorded. */
  readonly audit?: Audit | undefined;
  /** Requests that are worked on at a time; absent: the limit's default. */
  readonly flowSeats?: number | undefined;
  readonly ports: {
    readonly tree: () => ActorNode;
    readonly supervision: Supervision;
    readonly healthChecks: readonly HealthCheck[];
    /** The text of /metrics. */
    readonly renderMetrics: () => string | Promise<string>;
    /** What `troupe store` asks of this member; absent: nothing is offered. */
    readonly storeOperator?: StoreOperator | undefined;
    /** Who works on what; absent: nothing is offered. */
    readonly memberOperator?: MemberOperator | undefined;
  };
}

export interface ApiServer {
  /** `https://host:port`. */
  readonly url: string;
  readonly port: number;
  /** The handler behind both doors, for calls within the process. */
  readonly handler: ApiHandler;
  /** Takes renewed certificates for new connections. */
  renew(tls: TlsOptions): void;
  close(): Promise<void>;
}

/**
 * Opens both doors. Resolves when requests are answered; rejects when the port cannot be had (`code` of the cause:
 * EADDRINUSE, EACCES).
 */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  let url = '';
  const handler = apiHandler(options, () => url);
  const { bus, timers, log, store, listen } = options;
  const http = await openHttpDoor({ handler, tls: options.tls, listen, log, timers });
  const host = listen.host === '0.0.0.0' || listen.host === '::' ? '127.0.0.1' : listen.host;
  url = `https://${options.advertise ?? `${host}:${http.port}`}`;
  const subjects = subjectsOf(options.cluster);
  const nats = openNatsDoor({ handler, bus, subjects, timers, log });
  const audience =
    options.natsIssuer === undefined || options.natsConnections === undefined
      ? undefined
      : watchAudience({
          bus,
          timers,
          log,
          connections: options.natsConnections,
          leads: () => store.status().role === 'leader',
          servers: () => serversOf(store),
        });
  const feed = startChangeFeed({ bus, subjects, store, audience });
  const connections =
    options.natsIssuer === undefined
      ? undefined
      : answerConnections({
          bus,
          issuer: options.natsIssuer,
          subjects,
          clock: options.clock,
          log,
          catalogue: options.service.catalogue,
          authorize: options.access.authorize,
          authenticate: createAuthenticator(authenticationOf(options)),
        });
  return {
    url,
    port: http.port,
    handler,
    renew: (tls) => {
      http.renew({
        ...(options.tls.frontProxyCa === undefined ? {} : { frontProxyCa: options.tls.frontProxyCa }),
        ...tls,
      });
    },
    close: async () => {
      await Promise.all([nats.close(), http.close()]);
      feed.close();
      audience?.close();
      connections?.close();
      for (const plugIn of options.authentication?.plugIns ?? []) plugIn.close?.();
      await options.audit?.close();
    },
  };
}

/** Each member has a NATS server. */
function serversOf(store: Store): number {
  const { voters, learners = [] } = store.status();
  return voters === undefined ? Infinity : voters.length + learners.length;
}

function authenticationOf({
  credentials,
  staticTokens,
  view,
  clock,
  log,
  service,
  tls,
  cluster,
  authentication,
}: ApiServerOptions): AuthenticationPorts {
  const tokenUsed = noteTokenUse({ client: localClient(service, systemUser), clock, log });
  return {
    tokens: credentials.tokens,
    staticTokens,
    view,
    clock,
    audiences: credentials.audiences,
    cluster,
    tokenUsed,
    ...authentication,
    ...(tls.clientCa === '' ? {} : { clientCa: tls.clientCa }),
  };
}

/** The handler alone: what the doors carry. */
export function apiHandler(options: ApiServerOptions, url: () => string): ApiHandler {
  const { access, credentials, clock, random, timers, log, metrics, view, service } = options;
  const authentication = authenticationOf(options);
  const meter = createRequestMeter({ clock, metrics, catalogue: service.catalogue });
  const flow = createFlowControl({ view, clock, timers, metrics, seats: options.flowSeats });
  const timestamp = (): string => timeText(clock.now());
  const resources = createResourceHandler({
    service,
    clock,
    timers,
    random,
    fenced: (fence) => service.fenced(fence),
    reviews: {
      authorize: access.authorize,
      rbac: access.rbac,
      unresolvable: access.unresolvable,
      authentication,
      timestamp,
    },
    streams: createStreamHandler({
      connect: (target, about, context) => service.connect(target, about, context),
      view,
      bus: options.bus,
      subjects: subjectsOf(options.cluster),
      timers,
      exchange: httpExchange,
    }),
  });
  const paths = firstPath([
    aggregatedPaths(options.aggregator),
    discoveryPaths(
      () => url().replace('https://', ''),
      service.catalogue,
      options.aggregator === undefined ? noAggregatedApis : aggregatedApis({ clock, aggregator: options.aggregator }),
    ),
    healthPaths(options.ports.healthChecks, (name, reason) => {
      log.warn('a health check failed', { check: name, reason });
    }),
    versionPath(options.version),
    flowDumps(flow),
    openapiPaths(
      service.catalogue,
      options.aggregator === undefined
        ? noForeignOpenapi
        : aggregatedOpenapi({ clock, aggregator: options.aggregator }),
    ),
    metricsPath(() => {
      meter.flush();
      flow.measure();
      return options.ports.renderMetrics();
    }),
    identityPaths({ keys: credentials.keys, issuer: credentials.issuer, url }),
    storePaths(options.ports.storeOperator),
    memberPaths(options.ports.memberOperator),
    operatorPaths(options.ports.supervision),
    dashboardPaths({
      files: staticFiles(options.dashboardFolder),
      ...options.ports,
      status: () => options.store.status(),
      authorize: access.authorize,
    }),
    rootPath(service.catalogue),
  ]);
  return createHandler({
    authenticate: createAuthenticator(authentication),
    authorize: access.authorize,
    resources: aggregatedResources(options.aggregator, resources),
    paths,
    random,
    clock,
    log,
    meter,
    audit: options.audit,
    flow,
    traces: options.traces,
  });
}
