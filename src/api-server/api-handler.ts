/** Builds the handler behind both doors from its parts: authentication, fairness, resources and paths. */
import { timeText } from '../api/index.ts';
import { subjectsOf } from '../bus/index.ts';
import { localClient, systemUser } from '../resources/index.ts';
import {
  aggregatedApis,
  aggregatedOpenapi,
  aggregatedPaths,
  aggregatedResources,
  noAggregatedApis,
  noForeignOpenapi,
} from './aggregation/index.ts';
import {
  type AuthenticationPorts,
  type Authenticator,
  authenticatorAgain,
  createAuthenticator,
  nodeProxyAccess,
  noteTokenUse,
  Withdrawals,
} from './auth/index.ts';
import { createFlowControl, type FlowControl } from './flow/index.ts';
import { type ApiHandler, createHandler } from './handler.ts';
import { httpExchange, staticFiles } from './http/index.ts';
import {
  dashboardPaths,
  discoveryPaths,
  firstPath,
  flowDumps,
  healthPaths,
  identityPaths,
  memberPaths,
  metricsPath,
  openapiPaths,
  operatorPaths,
  type PathHandler,
  rootPath,
  storePaths,
  versionPath,
} from './paths/index.ts';
import { createRequestMeter, type RequestMeter } from './request-meter.ts';
import { createResourceHandler, type ResourceHandler } from './resource-handler.ts';
import type { ApiServerOptions } from './server-options.ts';
import { StandingAnswers } from './standing-answers.ts';
import { createStreamHandler } from './streams/index.ts';

/** `url`: where others reach the server, as its documents say; known once its door is open. */
export function apiHandler(
  options: ApiServerOptions,
  url: () => string,
  { ports, authenticate }: Authentication,
): ApiHandler {
  const { access, clock, random, timers, log, metrics, view, service, audit, traces } = options;
  const meter = createRequestMeter({ clock, metrics, catalogue: service.catalogue });
  const flow = createFlowControl({ view, clock, timers, metrics, seats: options.flowSeats });
  return createHandler({
    authenticate,
    authenticateAgain: authenticatorAgain(ports, authenticate),
    standing: new StandingAnswers({
      view,
      clock,
      timers,
      log,
      withdrawals: ports.withdrawals,
      answersMax: options.standingPerUserMax,
    }),
    authorize: nodeProxyAccess(access.authorize),
    resources: aggregatedResources(options.aggregator, resourcesOf(options, ports)),
    paths: firstPath([...kubernetesPaths(options, url, { flow, meter }), ...troupePaths(options)]),
    random,
    clock,
    log,
    meter,
    metrics,
    audit,
    flow,
    traces,
  });
}

/** One authenticator for all that asks for users, so that each token is verified once. */
interface Authentication {
  readonly ports: AuthenticationPorts;
  readonly authenticate: Authenticator;
}

/** Recognises users by the cluster's own credentials, then by what the options add. */
export function authenticationOf(
  options: ApiServerOptions,
  /** The authorities that are believed now. */
  clientCa = (): string => options.tls.clientCa,
): Authentication {
  const { credentials, staticTokens, view, clock, timers, log, service, tls, cluster, authentication } = options;
  const withdrawals = new Withdrawals();
  credentials.keys.onReplaced(() => {
    withdrawals.announce();
  });
  const ports: AuthenticationPorts = {
    tokens: credentials.tokens,
    staticTokens,
    view,
    clock,
    timers,
    withdrawals,
    audiences: credentials.audiences,
    cluster,
    tokenUsed: noteTokenUse({ client: localClient(service, systemUser), clock, log }),
    ...authentication,
    clientCa: tls.clientCa === '' ? undefined : clientCa,
  };
  return { ports, authenticate: createAuthenticator(ports) };
}

function resourcesOf(options: ApiServerOptions, authentication: AuthenticationPorts): ResourceHandler {
  const { access, clock, random, timers, view, service, bus, cluster, parseLongYaml, turns, ports } = options;
  const { authorize, rbac, unresolvable } = access;
  return createResourceHandler({
    service,
    clock,
    timers,
    random,
    fenced: (fence) => service.fenced(fence),
    bodies: { parseLongYaml, turns },
    components: ports.components ?? [],
    reviews: { authorize, rbac, unresolvable, authentication, timestamp: () => timeText(clock.now()) },
    streams: createStreamHandler({
      connect: (target, about, context) => service.connect(target, about, context),
      view,
      bus,
      subjects: subjectsOf(cluster),
      timers,
      exchange: options.exchange ?? httpExchange,
    }),
  });
}

interface PathParts {
  readonly flow: FlowControl;
  readonly meter: RequestMeter;
}

function kubernetesPaths(
  { service, clock, log, metrics, version, credentials, aggregator, ports }: ApiServerOptions,
  url: () => string,
  { flow, meter }: PathParts,
): readonly PathHandler[] {
  const { catalogue } = service;
  const foreign = aggregator === undefined ? undefined : { clock, aggregator };
  const apis = foreign === undefined ? noAggregatedApis : aggregatedApis(foreign);
  return [
    aggregatedPaths(aggregator),
    discoveryPaths(() => url().replace('https://', ''), catalogue, apis),
    healthPaths(ports.healthChecks, (name, reason) => {
      log.warn('a health check failed', { check: name, reason });
    }),
    versionPath(version, metrics),
    flowDumps(flow),
    openapiPaths(catalogue, foreign === undefined ? noForeignOpenapi : aggregatedOpenapi(foreign), clock),
    metricsPath(() => {
      meter.flush();
      flow.measure();
      return ports.renderMetrics();
    }),
    identityPaths({ keys: credentials.keys, issuer: credentials.issuer, url }),
    rootPath(catalogue),
  ];
}

function troupePaths({ access, store, dashboardFolder, ports }: ApiServerOptions): readonly PathHandler[] {
  return [
    storePaths(ports.storeOperator),
    memberPaths(ports.memberOperator),
    operatorPaths(ports.supervision),
    dashboardPaths({
      supervision: ports.supervision,
      files: staticFiles(dashboardFolder),
      tree: ports.tree,
      status: () => store.status(),
      authorize: access.authorize,
    }),
  ];
}
