/** Step 5 of a member: the API server with what stands behind it, and the services that need its handler. */
import {
  type Aggregator,
  type ApiServer,
  createAggregator,
  createApiServer,
  httpExchange,
  type KeyRotation,
  keyRotation,
  serveResourceMetrics,
  startParticipants,
  type TlsOptions,
  tokenHash,
  type VersionInfo,
} from '../../api-server/index.ts';
import { subjectsOf } from '../../bus/index.ts';
import { localClient, systemUser } from '../../resources/index.ts';
import { memberRecords, schedulerShard, type Shards } from '../../shards/index.ts';
import { certificateAuthority } from '../keys/index.ts';
import { bindAddress, kubernetesVersion, version } from '../process/index.ts';
import { rotationConductor } from '../rotation/index.ts';
import type { PublishMembers } from './bootstrap.ts';
import { componentChecks, healthChecks } from './health-checks.ts';
import { nodeStandings, publishStep } from './key-news.ts';
import { memberOperator } from './operator.ts';
import type { Ownership } from './ownership.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';
import { processMetrics } from './process-metrics.ts';
import { startChecks } from './start-checks.ts';
import type { WritePath } from './write-path.ts';

export interface Doors {
  readonly api: ApiServer;
  readonly aggregator: Aggregator;
  /** Ends the rotation of keys: no other member's order is followed any more. */
  closeRotation(): void;
  stopParticipants(): void;
  /** Stops listening to the nodes' reports of usage. */
  closeResourceMetrics(): void;
}

/** Resolves when both doors answer. `stopping`: the member was asked to stop, so it is not ready. */
export async function openDoors(
  ports: MemberPorts,
  options: MemberOptions,
  parts: WritePath & Ownership & { readonly publish: PublishMembers; readonly stopping: () => boolean },
): Promise<Doors> {
  const { store, view, shards } = parts;
  const rotation = openRotation(ports, options, parts);
  const resourceMetrics = openResourceMetrics(ports, options, parts);
  const aggregator = createAggregator({
    view,
    store,
    get frontProxy() {
      return options.pki.frontProxy;
    },
    exchange: httpExchange,
    own: resourceMetrics.own,
    traces: ports.traces,
  });
  const api = await openApiServer(ports, options, { ...parts, aggregator, rotation });
  const participants = startParticipants({
    ...ports,
    owner: {
      fence: () => shards.grant(schedulerShard)?.fence,
      onChange: (listener) => shards.onChange(listener),
    },
    subjects: subjectsOf(options.settings.cluster),
    store,
    view,
    handler: api.handler,
    replies: api.replies,
    log: ports.log.with({ part: 'participants' }),
  });
  return {
    api,
    aggregator,
    closeRotation: () => rotation?.close(),
    stopParticipants: () => {
      participants.stop();
    },
    closeResourceMetrics: () => {
      resourceMetrics.close();
    },
  };
}

/** Undefined where the members share their files. */
function openRotation(
  { bus, log }: MemberPorts,
  { name, settings, keyFiles }: MemberOptions,
  { store, credentials, shards }: WritePath & { readonly shards: Shards },
): KeyRotation | undefined {
  if (keyFiles === undefined) return undefined;
  return keyRotation({
    bus,
    subjects: subjectsOf(settings.cluster),
    member: name,
    keys: credentials.keys,
    files: keyFiles,
    makeKey: async () => (await certificateAuthority()).makeKey(),
    log,
    members: () => ({ all: store.members.list().map((member) => member.name), alive: shards.alive() }),
  });
}

function openResourceMetrics(
  { bus, clock, log }: MemberPorts,
  { settings }: MemberOptions,
  { view, writes }: WritePath,
): ReturnType<typeof serveResourceMetrics> {
  return serveResourceMetrics(
    { bus, view, client: localClient(writes(), systemUser), clock, log: log.with({ part: 'metrics' }) },
    { cluster: settings.cluster, enabled: settings.resourceMetrics?.enabled !== false },
  );
}

const administrator = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

interface ApiServerParts extends WritePath, Ownership {
  readonly publish: PublishMembers;
  readonly stopping: () => boolean;
  readonly aggregator: Aggregator;
  readonly rotation: KeyRotation | undefined;
}

function openApiServer(ports: MemberPorts, options: MemberOptions, parts: ApiServerParts): Promise<ApiServer> {
  const { settings, access } = options;
  const { store, view, service, credentials, aggregator, turns } = parts;
  const { bus, clock, timers, random, metrics, traces } = ports;
  return createApiServer({
    store,
    view,
    service,
    access: parts.access,
    credentials,
    aggregator,
    bus,
    clock,
    timers,
    random,
    metrics,
    traces,
    turns,
    cluster: settings.cluster,
    log: ports.log.with({ part: 'api' }),
    staticTokens: {
      get: (hash) => (options.adminTokens().some((token) => tokenHash(token) === hash) ? administrator : undefined),
    },
    natsIssuer: options.natsIssuer,
    natsConnections: ports.connections,
    authentication: access?.authentication,
    audit: options.audit,
    tls: tlsOf(options),
    listen: {
      host: bindAddress(settings.apiBind, settings.network),
      port: settings.apiPort,
      shared: options.sharesPort,
    },
    natsShared: () => memberRecords(store).filter(({ beside }) => beside !== undefined).length,
    advertisedHost: options.record.host,
    dashboardFolder: options.dashboardFolder,
    version: versionInfo(),
    ports: serverPorts(ports, options, parts),
  });
}

/** The answers of the API server about the process itself. */
function serverPorts(
  ports: MemberPorts,
  options: MemberOptions,
  parts: ApiServerParts,
): Parameters<typeof createApiServer>[0]['ports'] {
  const { system, bus, metrics } = ports;
  const { store, view, service, shards, supervision, figures, stopping, rotation } = parts;
  const measure = processMetrics({ system, metrics, store, figures: () => figures.latest });
  return {
    tree: () => system.tree(),
    supervision,
    healthChecks: [
      ...healthChecks({ store, bus, stopping }),
      ...startChecks({ view, catalogue: service.catalogue, log: ports.log }),
    ],
    components: componentChecks({ store, alive: () => shards.alive() }),
    renderMetrics: () => {
      measure();
      return metrics.render();
    },
    storeOperator: store,
    memberOperator: memberOperator({
      store,
      shards,
      bus,
      subjects: subjectsOf(options.settings.cluster),
      secrets: options.secrets,
      rotation,
      conductor: openConductor(ports, options, parts),
    }),
  };
}

function openConductor(
  { clock, random }: MemberPorts,
  options: MemberOptions,
  parts: ApiServerParts,
): ReturnType<typeof rotationConductor> {
  const { store, shards, view } = parts;
  return rotationConductor({
    store,
    cluster: options.settings.cluster,
    clock,
    random,
    alive: () => shards.alive(),
    nodes: () => nodeStandings(view),
    publish: (step) => publishStep(options, parts, step),
  });
}

function tlsOf({ pki, access }: MemberOptions): TlsOptions {
  return {
    certificate: pki.serverCertificate,
    key: pki.serverKey,
    clientCa: pki.ca,
    frontProxyCa: access?.frontProxyCa,
  };
}

function versionInfo(): VersionInfo {
  return {
    gitVersion: kubernetesVersion,
    gitCommit: `troupe-${version()}`,
    buildDate: '1970-01-01T00:00:00Z',
    runtime: `node${process.versions.node}`,
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
