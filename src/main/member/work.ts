/** Step 6 of a member: the work that it does for the shards that it owns: controllers and scheduler. */
import { bucketOf } from '../../actors/index.ts';
import {
  type Access,
  type Aggregator,
  adapterMetricsClient,
  forbiddenAccess,
  podMetricsClient,
} from '../../api-server/index.ts';
import { type AccessQuestion, quantityText } from '../../api/index.ts';
import { accountOf, allControllers, type Controller, startControllers } from '../../controllers/index.ts';
import { ingressClassController, ingressStatusController } from '../../ingress/index.ts';
import { subjectsOf } from '../../bus/index.ts';
import {
  currentUsage,
  eventRecorder,
  localClient,
  type NodeRenewals,
  openNodeRenewals,
  type Requester,
  systemUser,
} from '../../resources/index.ts';
import { startScheduler } from '../../scheduler/index.ts';
import { leaseWriterShard, schedulerShard, type Shards } from '../../shards/index.ts';
import { resourceDirectory } from '../../supervision/index.ts';
import { certificateAuthority } from '../keys/index.ts';
import { reservedPorts, type Settings } from '../process/index.ts';
import { reportCrashes } from './crash-events.ts';
import { ownersService } from './own-writes.ts';
import { shardMapOf } from './ownership.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';
import type { WritePath } from './write-path.ts';

interface WorkParts extends WritePath {
  readonly shards: Shards;
  readonly aggregator: Aggregator;
}

/** Supervisors below one controller: few children each, for nact's sake. */
const controllerBuckets = 8;

/**
 * Starts controllers and scheduler; they act once the shards begin. Each writes as a user of its own, which the audit
 * log shows, and may do what RBAC allows that user. What they read, they read from this member's replica.
 *
 * Returns what stops them.
 */
export function startWork(ports: MemberPorts, options: MemberOptions, parts: WorkParts): () => void {
  const { system, clock, timers, random, log } = ports;
  const { view, writes, shards } = parts;
  const renewals = openRenewals(ports, options, parts);
  const controllers = controllersOf(ports, options, { ...parts, renewals });
  const allow = accessCheck(parts.access);
  const userOf = controllerUsers();
  const running = startControllers({
    system,
    view,
    clock,
    timers,
    random,
    log,
    controllers,
    buckets: controllerBuckets,
    owned: shards,
    clientOf: (name, grant) => localClient(writes(grant), userOf(name), allow),
  });
  const stopScheduler = startSchedulerWork(ports, parts);
  const directory = openDirectory(ports, options, { ...parts, controllers });
  const stopReports = reportCrashes({
    system,
    view,
    events: eventRecorder({ component: 'troupe' }, { client: localClient(writes(), systemUser), clock, log }),
    resources: new Map(controllers.map(({ name, resource }) => [name, resource])),
  });
  return () => {
    stopScheduler();
    stopReports();
    directory.close();
    running.stop();
    renewals.close();
  };
}

/** Each controller's user is one object: what RBAC remembers hangs on it. */
function controllerUsers(): (controller: string) => Requester {
  const users = new Map<string, Requester>();
  return (controller) => {
    const name = `system:serviceaccount:kube-system:${accountOf(controller)}`;
    const known = users.get(name);
    if (known !== undefined) return known;
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'];
    const user = { name, groups };
    users.set(name, user);
    return user;
  };
}

/** What a member's own parts may do: their reads and writes are judged as those of others, by RBAC alone. */
function accessCheck({ authorizeLocally }: Access): (question: AccessQuestion) => void {
  return (question) => {
    const { allowed, reason } = authorizeLocally(question);
    if (!allowed) throw forbiddenAccess(question, reason);
  };
}

/** Each member hears the nodes' agents; the owner of one shard writes their Leases. */
function openRenewals(
  { bus, clock, timers, log, metrics }: MemberPorts,
  { settings }: MemberOptions,
  { store, shards }: WorkParts,
): NodeRenewals {
  return openNodeRenewals({
    store,
    bus,
    subjects: subjectsOf(settings.cluster),
    clock,
    timers,
    log: log.with({ part: 'renewals' }),
    metrics,
    silentMs: settings.node.graceMs,
    fence: () => shards.grant(leaseWriterShard)?.fence,
  });
}

function controllersOf(
  ports: MemberPorts,
  options: MemberOptions,
  parts: WorkParts & { readonly renewals: NodeRenewals },
): readonly Controller[] {
  const { settings, pki } = options;
  const { store, service, credentials, aggregator, renewals } = parts;
  return [
    ...ingressControllers(settings),
    ...allControllers({
      rootCertificates: () => pki.ca,
      isReplacedToken: credentials.isReplaced,
      nodeSilentMs: settings.node.graceMs,
      nodeHeardAt: renewals.heardAt,
      served: () => service.catalogue.all(),
      issueToken: credentials.issueSecretToken,
      ...certificateSettings(ports, options, parts),
      probeApi: aggregator.probe,
      podMetrics: podMetricsClient(aggregator),
      adapterMetrics: adapterMetricsClient(aggregator),
      ...machineSettings(settings),
      devices: settings.featureGates?.DynamicResourceAllocation === true,
      quotaUsage: (quota, namespace) =>
        Object.fromEntries(
          [...currentUsage(store, quota, namespace)].map(([name, quantity]) => [name, quantityText(quantity)]),
        ),
    }),
  ];
}

function ingressControllers({ ingress }: Settings): readonly Controller[] {
  return ingress?.enabled === true ? [ingressClassController(ingress.className), ingressStatusController()] : [];
}

type ControllerSettings = Parameters<typeof allControllers>[0];

/** Volumes on nodes' disks and load balancers of nodes' addresses, as far as the settings have them. */
function machineSettings(settings: Settings): Pick<ControllerSettings, 'localVolumes' | 'loadBalancers'> {
  const { storage, network } = settings;
  return {
    ...(storage?.localVolumes === false ? {} : { localVolumes: { isDefault: storage?.defaultClass ?? true } }),
    ...(network.loadBalancers === false ? {} : { loadBalancers: { reservedPorts: reservedPorts(settings) } }),
  };
}

/** The cluster's authority signs; requests are approved for those that RBAC allows them. */
function certificateSettings(
  { clock }: MemberPorts,
  { pki }: MemberOptions,
  { access }: WorkParts,
): Pick<ControllerSettings, 'signCertificate' | 'mayHaveCertificate'> {
  const attributes = {
    verb: 'create',
    isResource: true,
    group: 'certificates.k8s.io',
    version: '*',
    resource: 'certificatesigningrequests',
    namespace: '',
    name: '',
    path: '',
  };
  return {
    signCertificate: async ({ request, usages, seconds }) =>
      (await certificateAuthority()).signRequest(pki.authority, { request, usages, seconds, now: clock.now() }),
    mayHaveCertificate: (user, subresource) => access.authorizeLocally({ ...attributes, user, subresource }).allowed,
  };
}

/** The scheduler acts while this member owns its shard. */
function startSchedulerWork(ports: MemberPorts, { view, service, writes, shards, access }: WorkParts): () => void {
  const { system, clock, random, log, metrics, traces } = ports;
  const grant = (): ReturnType<Shards['grant']> => shards.grant(schedulerShard);
  const user = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };
  const client = localClient(ownersService(service, writes, grant), user, accessCheck(access));
  const { event } = eventRecorder({ component: 'default-scheduler' }, { client, clock, log });
  const scheduler = startScheduler(
    system,
    { view, client, clock, random, log: log.with({ part: 'scheduler' }), metrics, traces, event },
    { active: () => grant() !== undefined },
  );
  const follow = (): void => {
    scheduler.tell({ type: grant() === undefined ? 'pause' : 'resume' });
  };
  const unfollow = shards.onChange(follow);
  follow();
  return unfollow;
}

function openDirectory(
  { system, bus }: MemberPorts,
  { name, settings }: MemberOptions,
  parts: WorkParts & { readonly controllers: readonly Controller[] },
): { close(): void } {
  const { store, view, service, shards, controllers } = parts;
  return resourceDirectory({
    system,
    bus,
    cluster: settings.cluster,
    shardMap: shardMapOf(name, store, shards),
    view,
    catalogue: service.catalogue,
    actorsOf: ({ group, resource }, object) =>
      controllers
        .filter((one) => one.resource.group === group && one.resource.resource === resource)
        .map((controller) => `${controller.name}/${bucketOf(object, controllerBuckets)}/${object}`),
  });
}
