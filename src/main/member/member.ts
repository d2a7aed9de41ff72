import { type ActorSystem, shardOf, type ShardMap } from '../../actors/index.ts';
import {
  callWebhook,
  createAccess,
  createAggregator,
  createApiServer,
  createCredentials,
  httpExchange,
  podMetricsClient,
  startParticipants,
  type Aggregator,
  type ApiServer,
  type Audit,
  type Credentials,
  evictConnections,
  type KeyRotation,
  keyRotation,
  type ServedMetrics,
  serveResourceMetrics,
  type SigningKeyFiles,
  type SigningKeyOptions,
  tokenHash,
} from '../../api-server/index.ts';
import { quantityText } from '../../api/index.ts';
import {
  type Clock,
  delay,
  type Disk,
  errorMessage,
  limits,
  type Logger,
  type LogLevels,
  type Random,
  type Timers,
} from '../../base/index.ts';
import { type Bus, type NatsConnections, type NatsIssuer, subjectsOf } from '../../bus/index.ts';
import {
  allControllers,
  endpointsOf,
  eventRecorder,
  keepApiEndpoints,
  startControllers,
} from '../../controllers/index.ts';
import { ingressClassController, ingressStatusController } from '../../ingress/index.ts';
import type { MetricsRegistry, Traces } from '../../platform/index.ts';
import {
  bootstrapObjects,
  createResourceService,
  currentUsage,
  localClient,
  putApiEndpoints,
  type MemberService,
  repairAllocations,
  type ResourceView,
  storeView,
  systemUser,
  tracedCalls,
  webhookAdmission,
} from '../../resources/index.ts';
import { startScheduler } from '../../scheduler/index.ts';
import {
  memberRecords,
  type MemberRecord,
  openShards,
  ownersOf,
  putMemberRecord,
  schedulerShard,
  type Shards,
  shardsCount,
} from '../../shards/index.ts';
import {
  type FolderLock,
  openStore,
  type Store,
  StoreError,
  type StoreMember,
  type StoreTransport,
} from '../../state/index.ts';
import { type ProcessFigures, resourceDirectory, type ShardRow, type Supervision } from '../../supervision/index.ts';
import type { AccessPlugIns } from '../access/index.ts';
import { type MemberSecrets, publishJoinObjects } from '../join/index.ts';
import { reportCrashes } from './crash-events.ts';
import { healthChecks } from './health-checks.ts';
import { memberOperator } from './operator.ts';
import { ownersService, type OwnWrites, ownWrites } from './own-writes.ts';
import { certificateAuthority, type Pki } from '../keys/index.ts';
import { processMetrics } from './process-metrics.ts';
import {
  kubernetesVersion,
  reservedPorts,
  type Settings,
  superviseMember,
  switchedOn,
  version,
} from '../process/index.ts';

/** Everything that a member needs of its surroundings; the simulator gives twins. */
export interface MemberPorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  /** Sees and ends the connections of others to NATS; absent: nobody's are ended. */
  readonly connections?: NatsConnections;
  /** Between the stores of several members. */
  readonly transport?: StoreTransport;
  readonly disk: Disk;
  /** Keeps a second process out of the store's folder. */
  readonly lock: FolderLock;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Runs a call once all input that has arrived is taken; absent: at once. */
  readonly afterInput?: (run: () => void) => void;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly traces: Traces;
  /** The levels of this process's log. */
  readonly levels?: LogLevels;
}

export interface MemberOptions {
  readonly name: string;
  /** The founding members, this one among them; none when it joins others. */
  readonly voters: readonly string[];
  /** How it is reached. */
  readonly record: MemberRecord;
  /** What a member that joins from another machine is given; absent where none can. */
  readonly secrets?: MemberSecrets | undefined;
  readonly settings: Settings;
  readonly pki: Pki;
  /** The store's folder. */
  readonly dataFolder: string;
  /** The administrator's bearer token. */
  readonly adminToken: string;
  /** Absent: the NATS servers decide by themselves who may connect. */
  readonly natsIssuer?: NatsIssuer;
  readonly dashboardFolder: string;
  readonly figures: () => ProcessFigures;
  /** Ways to recognise users and to decide beside the cluster's own; absent: none. */
  readonly access?: AccessPlugIns;
  /** The keys of service accounts' tokens; default: the one of `pki` alone. */
  readonly signing?: SigningKeyOptions;
  /** Their files, where the members have each its own. */
  readonly keyFiles?: SigningKeyFiles | undefined;
  /** Who did what is recorded there; absent: nowhere. */
  readonly audit?: Audit | undefined;
  /** The store can no longer serve: the process must end. */
  readonly onFailure: (error: unknown) => void;
}

export interface Member {
  readonly api: ApiServer;
  readonly store: StoreMember;
  readonly credentials: Credentials;
  close(): Promise<void>;
}

/** How long a member that ends waits for another leader. */
const transferMs = 2_000;

/** Supervisors below one controller: few children each, for nact's sake. */
const controllerBuckets = 8;

/** What comes and goes by itself must not crowd out what users keep. */
const storeQuotas = [
  { prefix: '/core/events/', keysMax: limits.eventsMax },
  { prefix: '/coordination.k8s.io/leases/', keysMax: limits.leasesMax },
];

/**
 * Opens the store, then the write path, both doors, the controllers and the scheduler. Resolves when the API answers.
 */
export async function startMember(ports: MemberPorts, options: MemberOptions): Promise<Member> {
  const { clock, timers, random, log, metrics, traces } = ports;
  const { settings } = options;
  const store = await openStore({
    member: options.name,
    cluster: settings.cluster,
    folder: options.dataFolder,
    disk: ports.disk,
    lock: ports.lock,
    clock,
    timers,
    random,
    metrics,
    log: log.with({ part: 'store' }),
    voters: options.voters,
    ...(ports.transport === undefined ? {} : { transport: ports.transport }),
    ...(ports.afterInput === undefined ? {} : { afterInput: ports.afterInput }),
    quotas: storeQuotas,
    onFailure: options.onFailure,
  });
  const view = storeView(store, traces);
  const access = createAccess(view, options.access?.order);
  const issuer = `https://kubernetes.default.svc.${settings.network.clusterDomain}`;
  const credentials = createCredentials({
    signing: options.signing ?? { privateKey: options.pki.serviceAccountKey },
    issuer,
    view,
    clock,
    random,
  });
  const [first, last] = settings.network.nodePorts.split('-').map(Number);
  const call = tracedCalls(callWebhook, traces);
  const switches = {
    features: switchedOn(settings.featureGates ?? {}),
    optionalVersions: switchedOn(settings.runtimeConfig ?? {}),
  };
  const service = createResourceService({
    store,
    clock,
    timers,
    random,
    log,
    metrics,
    traces,
    settings: {
      serviceCidr: settings.network.serviceCidr,
      nodePortRange: { first: first ?? 30_000, last: last ?? 32_767 },
      ...switches,
    },
    admission: [...access.admission, ...webhookAdmission({ call })],
    callWebhook: call,
    authorize: access.authorize,
    issueToken: credentials.issueToken,
  });
  const writes = ownWrites(service, { member: options.name, audit: options.audit, clock, random });
  await caughtUp(store);
  await putMemberRecord(store, options.record);
  await repairAllocations(store);
  await bootstrapObjects({
    service,
    store,
    clock,
    log,
    settings: {
      serviceCidr: settings.network.serviceCidr,
      apiEndpoints: endpointsOf(memberRecords(store), new Set(memberRecords(store).map(({ name }) => name))),
      endpointsKept: memberRecords(store).length > 1,
      clientCa: options.pki.ca,
      frontProxyCa: options.pki.frontProxy.ca,
      optionalVersions: switches.optionalVersions,
    },
  });
  const publish = async (members: readonly MemberRecord[]): Promise<void> => {
    if (settings.address !== '')
      await publishJoinObjects(localClient(service, systemUser), settings, { ca: options.pki.ca, members });
  };
  await publish(memberRecords(store));
  const shards = openShards({
    member: options.name,
    life: random.uuid(),
    store,
    bus: ports.bus,
    subjects: subjectsOf(settings.cluster),
    clock,
    timers,
    metrics,
    log: log.with({ part: 'shards' }),
  });
  let figures: ProcessFigures | undefined;
  let stopping = false;
  const supervision = superviseMember(ports, {
    name: options.name,
    cluster: settings.cluster,
    figures: () => (figures = options.figures()),
    shards: () => shardRows(store, shards),
    store,
    view,
    traces,
    ...(ports.levels === undefined ? {} : { levels: ports.levels }),
  });
  const rotation =
    options.keyFiles === undefined
      ? undefined
      : keyRotation({
          bus: ports.bus,
          subjects: subjectsOf(settings.cluster),
          member: options.name,
          keys: credentials.keys,
          files: options.keyFiles,
          makeKey: async () => (await certificateAuthority()).makeKey(),
          log,
          members: () => ({ all: store.members.list().map(({ name }) => name), alive: shards.alive() }),
        });
  const { aggregator, resourceMetrics } = openAggregation(ports, options, { store, view, writes });
  const api = await openDoors(ports, options, {
    store,
    view,
    service,
    access,
    credentials,
    shards,
    supervision,
    aggregator,
    rotation,
    figures: () => figures,
    stopping: () => stopping,
  });
  const owner = {
    fence: () => shards.grant(schedulerShard)?.fence,
    onChange: (listener: () => void) => shards.onChange(listener),
  };
  const participants = startParticipants({
    ...ports,
    owner,
    subjects: subjectsOf(settings.cluster),
    store,
    view,
    handler: api.handler,
    log: log.with({ part: 'participants' }),
  });
  const endpoints = keepApiEndpoints(
    {
      view,
      client: localClient(writes(), systemUser),
      shards,
      members: () => memberRecords(store),
      put: (grant, found) => putApiEndpoints({ service: writes(grant), store, clock, log }, found),
      clock,
      timers,
      log,
    },
    { member: options.name, changed: publish },
  );
  const care =
    ports.connections === undefined
      ? undefined
      : evictConnections({
          store,
          view,
          onMemberGone: (listener) => shards.onGone(listener),
          connections: ports.connections,
          timers,
          log,
        });
  const stopWork = startWork(ports, options, {
    store,
    view,
    service,
    writes,
    credentials,
    access,
    shards,
    supervision,
    aggregator,
    resourceMetrics,
  });
  shards.begin();
  return {
    api,
    store,
    credentials,
    close: async () => {
      // The others take over one thing after the other while this member still does its share.
      stopping = true;
      await Promise.all([endpoints.leave(), giveLeadershipAway(store, { member: options.name, timers, log })]);
      endpoints.close();
      await shards.leave();
      care?.close();
      rotation?.close();
      stopWork();
      participants.stop();
      shards.close();
      supervision.close();
      await api.close();
      access.close();
      service.close();
      await store.close();
    },
  };
}

/**
 * Resolves when this replica has what the others have: one of several waits for a majority, however long that takes.
 */
async function caughtUp(store: Store): Promise<void> {
  for (;;) {
    try {
      await store.readBarrier();
      return;
    } catch (error) {
      if (!(error instanceof StoreError && error.retryable)) throw error;
    }
  }
}

/** A member that ends on purpose spares the others the election. */
async function giveLeadershipAway(
  store: StoreMember,
  { member, timers, log }: { readonly member: string; readonly timers: Timers; readonly log: Logger },
): Promise<void> {
  const { role, voters = [], progress = {} } = store.status();
  const [heir] = voters.filter((voter) => voter !== member).sort((a, b) => (progress[b] ?? 0) - (progress[a] ?? 0));
  if (role !== 'leader' || heir === undefined) return;
  await Promise.race([
    store.members.transferLeadership(heir).catch((error: unknown) => {
      log.info('the leadership stays until an election', { error: errorMessage(error) });
    }),
    delay(timers, transferMs),
  ]);
}

/** The shards that have an owner, for the supervision, and where those go that are about to move. */
function shardRows(store: Store, shards: Shards): readonly ShardRow[] {
  const planned = shards.planned();
  return ownersOf(store).flatMap((row, shard) => {
    if (row === undefined) return [];
    const to = planned[shard];
    return [
      {
        shard: String(shard),
        owner: row.owner,
        epoch: row.epoch,
        ...(to === undefined || to === row.owner ? {} : { movingTo: to }),
      },
    ];
  });
}

interface Parts {
  readonly store: StoreMember;
  readonly shards: Shards;
  readonly view: ResourceView;
  readonly service: MemberService;
  readonly access: ReturnType<typeof createAccess>;
  readonly credentials: Credentials;
  readonly supervision: Supervision;
  readonly aggregator: Aggregator;
}

/** The groups that are not the store's resources: the API servers behind this one, and the use of nodes and pods. */
function openAggregation(
  ports: MemberPorts,
  { settings, pki }: MemberOptions,
  { store, view, writes }: Pick<Parts, 'store' | 'view'> & { readonly writes: OwnWrites },
): { readonly aggregator: Aggregator; readonly resourceMetrics: ServedMetrics } {
  const { bus, clock, log, traces } = ports;
  const resourceMetrics = serveResourceMetrics(
    { bus, view, client: localClient(writes(), systemUser), clock, log: log.with({ part: 'metrics' }) },
    { cluster: settings.cluster, enabled: settings.resourceMetrics?.enabled !== false },
  );
  return {
    resourceMetrics,
    aggregator: createAggregator({
      view,
      store,
      frontProxy: pki.frontProxy,
      exchange: httpExchange,
      own: resourceMetrics.own,
      traces,
    }),
  };
}

/** What the doors tell of the process itself. */
interface DoorFacts {
  readonly figures: () => ProcessFigures | undefined;
  readonly stopping: () => boolean;
  readonly rotation: KeyRotation | undefined;
}

function openDoors(
  ports: MemberPorts,
  options: MemberOptions,
  { shards, supervision, figures, stopping, rotation, ...parts }: Parts & DoorFacts,
): Promise<ApiServer> {
  const measure = processMetrics({ ...ports, store: parts.store, figures });
  const { settings, pki } = options;
  return createApiServer({
    ...parts,
    bus: ports.bus,
    cluster: settings.cluster,
    clock: ports.clock,
    timers: ports.timers,
    random: ports.random,
    log: ports.log.with({ part: 'api' }),
    metrics: ports.metrics,
    traces: ports.traces,
    staticTokens: new Map([
      [tokenHash(options.adminToken), { name: 'admin', groups: ['system:masters', 'system:authenticated'] }],
    ]),
    ...(options.natsIssuer === undefined ? {} : { natsIssuer: options.natsIssuer }),
    ...(ports.connections === undefined ? {} : { natsConnections: ports.connections }),
    ...(options.access === undefined ? {} : { authentication: options.access.authentication }),
    tls: {
      certificate: pki.serverCertificate,
      key: pki.serverKey,
      clientCa: pki.ca,
      ...(options.access?.frontProxyCa === undefined ? {} : { frontProxyCa: options.access.frontProxyCa }),
    },
    listen: { host: settings.apiBind, port: settings.apiPort },
    dashboardFolder: options.dashboardFolder,
    ...(options.audit === undefined ? {} : { audit: options.audit }),
    version: {
      gitVersion: kubernetesVersion,
      gitCommit: `troupe-${version()}`,
      buildDate: '1970-01-01T00:00:00Z',
      runtime: `node${process.versions.node}`,
      platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    },
    ports: {
      tree: () => ports.system.tree(),
      supervision,
      healthChecks: healthChecks({ store: parts.store, bus: ports.bus, stopping }),
      renderMetrics: () => {
        measure();
        return ports.metrics.render();
      },
      storeOperator: parts.store,
      memberOperator: memberOperator({
        store: parts.store,
        shards,
        bus: ports.bus,
        subjects: subjectsOf(settings.cluster),
        secrets: options.secrets,
        rotation,
      }),
    },
  });
}

/**
 * The owners as the resources' actors see them: this member's own shards are those that it may act for at this moment.
 */
function shardMapOf(self: string, store: StoreMember, shards: Shards): ShardMap {
  return {
    self,
    shards: shardsCount,
    ownerOf: (shard) => {
      if (shards.grant(shard) !== undefined) return self;
      const owner = ownersOf(store)[shard]?.owner;
      return owner === self ? undefined : owner;
    },
    onChange: (listener) => shards.onChange(listener),
  };
}

/** Controllers and scheduler, each under its own name for authorisation and managed fields. */
function startWork(
  ports: MemberPorts,
  options: MemberOptions,
  {
    store,
    view,
    service,
    writes,
    credentials,
    access,
    shards,
    aggregator,
    resourceMetrics,
  }: Parts & { readonly writes: OwnWrites; readonly resourceMetrics: ServedMetrics },
): () => void {
  const { system, clock, timers, random, log, metrics, traces } = ports;
  const ingress =
    options.settings.ingress?.enabled === true
      ? [ingressClassController(options.settings.ingress.className), ingressStatusController]
      : [];
  const all = [
    ...ingress,
    ...allControllers({
      rootCertificates: options.pki.ca,
      nodeSilentMs: options.settings.node.graceMs,
      served: () => service.catalogue.all(),
      issueToken: credentials.issueSecretToken,
      signCertificate: async ({ request, usages, seconds }) =>
        (await certificateAuthority()).signRequest(
          { certificate: options.pki.ca, key: options.pki.caKey },
          { request, usages, seconds, now: clock.now() },
        ),
      mayHaveCertificate: (user, subresource) =>
        access.authorizeLocally({
          user,
          verb: 'create',
          isResource: true,
          group: 'certificates.k8s.io',
          version: '*',
          resource: 'certificatesigningrequests',
          subresource,
          namespace: '',
          name: '',
          path: '',
        }).allowed,
      probeApi: aggregator.probe,
      podMetrics: podMetricsClient(aggregator),
      ...(options.settings.storage?.localVolumes === false
        ? {}
        : { localVolumes: { isDefault: options.settings.storage?.defaultClass ?? true } }),
      ...(options.settings.network.loadBalancers === false
        ? {}
        : { loadBalancers: { reservedPorts: reservedPorts(options.settings) } }),
      quotaUsage: (quota, namespace) =>
        Object.fromEntries(
          [...currentUsage(store, quota, namespace)].map(([name, quantity]) => [name, quantityText(quantity)]),
        ),
    }),
  ];
  const controllers = startControllers({
    system,
    view,
    clock,
    timers,
    random,
    log,
    controllers: all,
    buckets: controllerBuckets,
    owned: shards,
    clientOf: (name, grant) =>
      localClient(writes(grant), {
        name: `system:serviceaccount:kube-system:${name}`,
        groups: ['system:masters', 'system:serviceaccounts', 'system:authenticated'],
      }),
  });
  const client = localClient(
    ownersService(service, writes, () => shards.grant(schedulerShard)),
    { name: 'system:kube-scheduler', groups: ['system:masters', 'system:authenticated'] },
  );
  const events = eventRecorder('default-scheduler', { client, clock, log });
  const scheduler = startScheduler(
    system,
    { view, client, clock, random, log: log.with({ part: 'scheduler' }), metrics, traces, event: events.event },
    { active: () => shards.grant(schedulerShard) !== undefined },
  );
  const crashes = eventRecorder('troupe', { client: localClient(writes(), systemUser), clock, log });
  const directory = resourceDirectory({
    system,
    bus: ports.bus,
    cluster: options.settings.cluster,
    shardMap: shardMapOf(options.name, store, shards),
    view,
    catalogue: service.catalogue,
    actorsOf: ({ group, resource }, object) =>
      all
        .filter((one) => one.resource.group === group && one.resource.resource === resource)
        .map(({ name }) => `${name}/${shardOf(object, controllerBuckets)}/${object}`),
  });
  const unreport = reportCrashes({
    system,
    view,
    events: crashes,
    resources: new Map(all.map(({ name, resource }) => [name, resource])),
  });
  const follow = (): void => {
    scheduler.tell({ type: shards.grant(schedulerShard) === undefined ? 'pause' : 'resume' });
  };
  const unfollow = shards.onChange(follow);
  follow();
  return () => {
    resourceMetrics.close();
    unfollow();
    unreport();
    directory.close();
    controllers.stop();
  };
}
