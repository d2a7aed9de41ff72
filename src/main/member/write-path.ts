/** Steps 1 and 2 of a member: its store, and the one path by which everything is read and written. */
import {
  type Access,
  webhookCalls,
  createAccess,
  createCredentials,
  type Credentials,
} from '../../api-server/index.ts';
import { limits, Turns } from '../../base/index.ts';
import {
  createResourceService,
  type MemberService,
  type ResourceView,
  storeView,
  tracedCalls,
  webhookAdmission,
} from '../../resources/index.ts';
import { openStore, type StoreMember } from '../../state/index.ts';
import { networkRanges, optionalVersions, switchedOn } from '../process/index.ts';
import { type OwnWrites, ownWrites } from './own-writes.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';

/** The store and everything that reads or writes it on behalf of a user. */
export interface WritePath {
  readonly store: StoreMember;
  readonly view: ResourceView;
  readonly access: Access;
  readonly credentials: Credentials;
  readonly service: MemberService;
  readonly writes: OwnWrites;
  /** Divides long work on requests between turns of the event loop. */
  readonly turns: Turns;
}

/** Events and leases come and go by themselves; they must not crowd out what users keep. */
const storeQuotas = [
  { prefix: '/core/events/', keysMax: limits.eventsMax },
  { prefix: '/coordination.k8s.io/leases/', keysMax: limits.leasesMax },
];

/** Opens the store's folder. Rejects with StoreError `in-use`, `newer-format` or `corrupt`. */
export function openMemberStore(ports: MemberPorts, options: MemberOptions): Promise<StoreMember> {
  const { disk, lock, clock, timers, random, metrics, log, transport, afterInput } = ports;
  return openStore({
    member: options.name,
    cluster: options.settings.cluster,
    folder: options.dataFolder,
    voters: options.voters,
    learnerOf: options.learnerOf,
    timeline: options.timeline,
    quotas: storeQuotas,
    onFailure: options.onFailure,
    disk,
    lock,
    clock,
    timers,
    random,
    metrics,
    log: log.with({ part: 'store' }),
    transport,
    afterInput,
  });
}

/** Joins access, credentials, admission and the resource service over the store. */
export function openWritePath(ports: MemberPorts, options: MemberOptions, store: StoreMember): WritePath {
  const { clock, timers, random, log, metrics, traces } = ports;
  const { settings } = options;
  const view = storeView(store, traces);
  const access = createAccess(view, options.access?.order);
  const credentials = createCredentials({
    signing: options.signing ?? { privateKey: options.pki.serviceAccountKey },
    issuer: `https://kubernetes.default.svc.${settings.network.clusterDomain}`,
    view,
    clock,
    random,
  });
  const call = tracedCalls(webhookCalls(), traces);
  const turns = new Turns({ clock, timers });
  const ranges = networkRanges(settings.network);
  const service = createResourceService({
    store,
    clock,
    timers,
    random,
    log,
    metrics,
    traces,
    turns,
    settings: {
      serviceCidrs: ranges.serviceCidrs,
      podCidrs: ranges.podCidrs,
      nodePortRange: nodePortRange(settings.network.nodePorts),
      features: switchedOn(settings.featureGates ?? {}),
      admissionPlugins: switchedOn(settings.admissionPlugins ?? {}),
      ...(options.admission === undefined ? {} : { admission: options.admission }),
      optionalVersions: optionalVersions(settings),
    },
    admission: [...access.admission, ...webhookAdmission({ call })],
    callWebhook: call,
    authorize: access.authorize,
    issueToken: credentials.issueToken,
  });
  const writes = ownWrites(service, { member: options.name, audit: options.audit, clock, random });
  return { store, view, access, credentials, service, writes, turns };
}

/** `30000-32767` as numbers. */
function nodePortRange(text: string): { readonly first: number; readonly last: number } {
  const [first = 30_000, last = 32_767] = text.split('-').map(Number);
  return { first, last };
}
