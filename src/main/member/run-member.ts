import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ActorSystem, createActorSystem } from '../../actors/index.ts';
import { assertLimits, errorMessage, type Logger } from '../../base/index.ts';
import { type Bus, createNatsIssuer, openPeerLinks, subjectsOf } from '../../bus/index.ts';
import {
  createTraces,
  lockFolder,
  MetricsRegistry,
  openLogger,
  systemClock,
  systemDisk,
  systemRandom,
  systemTimers,
} from '../../platform/index.ts';
import type { MemberRecord } from '../../shards/index.ts';
import { type BusTransport, busTransport, claimName } from '../../state/index.ts';
import { accessPlugIns, auditOf } from '../access/index.ts';
import {
  ensurePki,
  followSigningKeys,
  keepCertificates,
  kubeconfigText,
  machineAddresses,
  type Pki,
  readSigningKeys,
  signingKeyFiles,
} from '../keys/index.ts';
import { storeEncryption } from '../encryption/index.ts';
import {
  crashFile,
  dashboardFolder,
  ensureNatsSecrets,
  type Home,
  makeHome,
  membersOfMachines,
  type NatsEndpoint,
  natsUrls,
  ownMember,
  type Place,
  type PlannedMember,
  plannedMembers,
  processFigures,
  removeNote,
  routesOf,
  savePlan,
  type Settings,
  StartProblem,
  storeFolderOf,
  version,
  withoutRemoved,
  writeNatsFile,
  writeNote,
  writePrivate,
} from '../process/index.ts';
import { startMember } from './member.ts';
import { connectMember, connectSystem, startNats } from './nats.ts';
import { followMembers } from './directory.ts';
import { doNotRestart, memberSecrets, noteRemoval, takeVote, votersOf } from '../join/index.ts';
import { nodeNameOf, renewedToken, startNode } from '../node/index.ts';

export interface RunMemberOptions {
  /** The member's name; default: the home's first. */
  readonly name?: string;
  readonly home: Home;
  readonly settings: Settings;
  /** Whether this process also runs a node. */
  readonly withNode: boolean;
  /** Log to standard error instead of the home. */
  readonly foreground: boolean;
}

/** After this a member that stops ends, whatever it still waits for. */
const stopMs = 20_000;
const removalMs = 500;

/** The member's process, from start to the signal that ends it. A start that fails takes its nats-server along. */
export async function runMember(options: RunMemberOptions): Promise<void> {
  assertLimits();
  const place = placeOf(options);
  makeHome(options.home);
  const opened = openProcess(options, place);
  try {
    await serve(options, place, opened);
  } catch (error) {
    await opened.system.stop();
    throw error;
  }
}

async function serve(
  options: RunMemberOptions,
  place: Place,
  { log, metrics, system, traces, fail }: MemberProcess,
): Promise<void> {
  const { home } = options;
  const { name, settings } = place;
  const secrets = ensureNatsSecrets(home);
  const making = ensureHomePki(home, settings);
  if (settings.address !== '') await making; // The NATS server reads its certificate when it starts.
  const [pki, { endpoint: nats, reload }] = await Promise.all([
    making,
    startNats({ place, home, secrets, log, system }),
  ]);
  const audit = auditOf(settings.audit, {
    file: join(home.logs, place.plan.length === 0 ? 'audit.log' : `audit-${name}.log`),
    clock: systemClock,
    timers: systemTimers,
    log,
    metrics,
  });
  const access = await accessPlugIns(settings, {
    log: log.with({ part: 'access' }),
    clock: systemClock,
    folder: home.folder,
  });
  const address = settings.address === '' ? (machineAddresses()[0] ?? '127.0.0.1') : settings.address;
  const bus = await connectMember(place, nats, { secrets, ca: pki.ca });
  bus.subscribe(subjectsOf(settings.cluster).removed(name), () => {
    endRemoved(home, place, { log, system });
  });
  const natsSystem = await connectSystem(place, nats, { secrets, ca: pki.ca });
  const storeFolder = storeFolderOf(home, name).folder;
  const peers =
    place.plan.length === 0
      ? undefined
      : await reachPeers(bus, place, { pki, folder: storeFolder, log, metrics, onLost: endTaken({ log, system }) });
  const encryption = await storeEncryption({
    home,
    settings: settings.encryption,
    storeFolder,
    timers: systemTimers,
    log,
  });
  const member = await startMember(
    {
      system,
      bus,
      connections: natsSystem.connections,
      ...(peers === undefined ? {} : { transport: peers.transport }),
      disk: encryption?.disk(systemDisk) ?? systemDisk,
      lock: lockFolder,
      clock: systemClock,
      timers: systemTimers,
      afterInput: setImmediate,
      random: systemRandom,
      log,
      metrics,
      traces,
      levels: log,
    },
    {
      name,
      settings,
      voters: votersOf(home, place),
      record: recordOf(place, { host: address, natsPort: nats.port }),
      secrets: memberSecrets(home, place, nats.token),
      pki,
      signing: readSigningKeys(home.pki),
      keyFiles: place.plan.some(({ host }) => host !== undefined) ? signingKeyFiles(home.pki) : undefined,
      dataFolder: storeFolder,
      adminToken: nats.token,
      natsIssuer: createNatsIssuer(secrets.issuerSeed),
      dashboardFolder: dashboardFolder(),
      figures: processFigures(home.data),
      access,
      audit,
      onFailure: fail('the store cannot serve any more'),
    },
  ).catch(explain(settings));
  encryption?.follow(member.store);
  let plan = place.plan;
  const write = (current: Pki): void => {
    writeFiles(options, { ...place, plan }, { pki: current, nats });
  };
  write(pki);
  const met = new Set<string>();
  const directory =
    place.plan.length > 0
      ? followMembers(
          { store: member.store, bus, subjects: subjectsOf(settings.cluster), log },
          {
            changed: (records) => {
              plan = place.plan.some(({ host }) => host !== undefined)
                ? membersOfMachines(settings, name, records)
                : withoutRemoved(plan, met, records);
              for (const record of records) met.add(record.name);
              // Who is taken out himself ends, and leaves the files to the others.
              if (plan.every((known) => known.name !== name) || !savePlan(home, plan)) return;
              write(pki);
              reload(routesOf(plan, name));
            },
          },
        )
      : undefined;
  void takeVote(home, { member: name, store: member.store, timers: systemTimers, log });
  const certificates = keepCertificates(
    { clock: systemClock, timers: systemTimers, log },
    {
      current: pki,
      ensure: () => ensureHomePki(home, settings),
      renewed: (renewed) => {
        member.api.renew({ certificate: renewed.serverCertificate, key: renewed.serverKey, clientCa: renewed.ca });
        reload();
        write(renewed);
        return Promise.resolve();
      },
    },
  );
  const signing = followSigningKeys(home.pki, { keys: member.credentials.keys, timers: systemTimers, log });
  const nodeName = nodeNameOf(hostname());
  const node = options.withNode
    ? await startNode(
        { system, bus, log, metrics, traces },
        {
          name: nodeName,
          home,
          settings,
          address,
          apiServer: { host: address, port: settings.apiPort },
          token: await renewedToken((seconds) => member.credentials.issueNodeToken(nodeName, seconds), log),
        },
      )
    : undefined;
  log.info('the member is ready', { url: member.api.url });
  await stopSignal();
  log.info('the member stops');
  setTimeout(() => {
    process.exit(0);
  }, stopMs).unref();
  certificates.close();
  signing.close();
  directory?.close();
  await node?.stop();
  await member.close();
  await peers?.close();
  await natsSystem.close();
  await bus.close();
  await system.stop();
  removeNote(home, { role: 'member', name });
  process.exit(0);
}

interface MemberProcess {
  readonly log: ReturnType<typeof openLogger>;
  readonly metrics: MetricsRegistry;
  readonly system: ActorSystem;
  readonly traces: ReturnType<typeof createTraces>;
  /** What a failure does: the process ends, and its keeper starts it anew. */
  readonly fail: (what: string) => (error: unknown) => void;
}

/** The process's log, figures, traces and tree of actors. */
function openProcess({ home, foreground }: RunMemberOptions, { name, settings }: Place): MemberProcess {
  const log = openLogger({ level: settings.logLevel, ...(foreground ? {} : { file: join(home.logs, `${name}.log`) }) });
  const metrics = new MetricsRegistry();
  const traces = createTraces({ process: name, clock: systemClock, random: systemRandom, log });
  const system = createActorSystem({
    name,
    clock: systemClock,
    timers: systemTimers,
    log,
    metrics,
    traces,
    crashStore: crashFile(join(home.logs, `${name}-crashes.jsonl`)),
  });
  const fail =
    (what: string) =>
    (error: unknown): void => {
      log.error(what, { error: errorMessage(error) });
      process.exit(1);
    };
  system.onFailure((record) => {
    fail('a part could not be kept alive; the member ends and is started anew')(
      new Error(`${record.address}: ${record.error}`),
    );
  });
  process.on('unhandledRejection', fail('an unexpected failure'));
  process.on('uncaughtException', fail('an unexpected failure'));
  return { log, metrics, system, traces, fail };
}

/** Ends a process that was found to be the later one of two under the same name. */
function endTaken({ log, system }: Pick<MemberProcess, 'log' | 'system'>): (error: unknown) => void {
  return (error) => {
    log.error('the name of this member is taken', { error: errorMessage(error) });
    process.stderr.write(`troupe: ${errorMessage(error)}\n`);
    end(system);
  };
}

/** For good, and with its nats-server: as long as that ran, it would be among the others'. */
function end(system: ActorSystem): void {
  void system.stop().finally(() => {
    process.exit(doNotRestart);
  });
}

/** Ends a process whose member is none any more. What is being answered at this moment goes out first. */
function endRemoved(home: Home, { name, plan }: Place, { log, system }: Pick<MemberProcess, 'log' | 'system'>): void {
  log.error('this member was removed from the cluster; it ends');
  if (plan.some(({ host }) => host !== undefined)) noteRemoval(home);
  removeNote(home, { role: 'member', name });
  setTimeout(() => {
    end(system);
  }, removalMs);
}

/** The keys, secrets and certificates of the home's cluster, made where they are missing. */
export function ensureHomePki(home: Home, settings: Settings): Promise<Pki> {
  ensureNatsSecrets(home);
  return ensurePki({
    folder: home.pki,
    cluster: settings.cluster,
    now: systemClock.now(),
    hosts: [firstAddress(settings.network.serviceCidr), ...(settings.address === '' ? [] : [settings.address])],
    ...(settings.address === '' ? {} : { peerHost: settings.address }),
  });
}

function placeOf({ home, settings, ...wanted }: RunMemberOptions): Place {
  const plan = plannedMembers(home);
  const name = wanted.name ?? ownMember(home);
  const own = plan.find((member) => member.name === name);
  return { name, plan, settings: own === undefined ? settings : { ...settings, apiPort: own.apiPort } };
}

interface PeerPorts {
  readonly pki: Pki;
  readonly folder: string;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly onLost: (error: unknown) => void;
}

/**
 * The way to the other members' stores, once the name is this process's own: direct links, and the bus where there is
 * none.
 */
async function reachPeers(
  bus: Bus,
  { name: member, settings, plan }: Place,
  { pki, folder, log, metrics, onLost }: PeerPorts,
): Promise<{ readonly transport: BusTransport; close(): Promise<void> }> {
  const subjects = subjectsOf(settings.cluster);
  const claim = await claimName({
    bus,
    subjects,
    member,
    life: systemRandom.uuid(),
    folder,
    since: systemClock.now(),
    timers: systemTimers,
    log,
    onLost,
  });
  const host = plan.find(({ name }) => name === member)?.host;
  const links = await openPeerLinks({
    bus,
    subject: subjects.links,
    member,
    timers: systemTimers,
    random: systemRandom,
    log: log.with({ part: 'links' }),
    listen: host === undefined ? { host: settings.nats.host } : { host, port: settings.linkPort },
    ...(host === undefined || pki.peer === undefined ? {} : { tls: { ca: pki.ca, ...pki.peer } }),
  });
  const transport = busTransport({ bus, subjects, member, links, metrics });
  return {
    transport,
    close: async () => {
      claim.close();
      transport.close();
      await links.close();
    },
  };
}

function recordOf(
  { name, settings, plan }: Place,
  more: { readonly host: string; readonly natsPort: number },
): MemberRecord {
  const routePort = plan.find((member) => member.name === name)?.routePort ?? settings.nats.routePort;
  return { name, ...more, apiPort: settings.apiPort, routePort, version: version() };
}

/** The address of the `kubernetes` Service: the first of the range. */
function firstAddress(cidr: string): string {
  const octets = (cidr.split('/')[0] ?? '').split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}

function writeFiles(
  { home, withNode }: RunMemberOptions,
  { name, settings, plan }: Place,
  { pki, nats }: { readonly pki: Pki; readonly nats: NatsEndpoint },
): void {
  const own = settings.address === '' ? '127.0.0.1' : settings.address;
  const urlOf = ({ host = own, apiPort }: Pick<PlannedMember, 'host' | 'apiPort'>): string =>
    `https://${host}:${apiPort}`;
  const access = {
    cluster: settings.cluster,
    ca: pki.ca,
    user: { certificate: pki.adminCertificate, key: pki.adminKey },
  };
  const members = plan.length === 0 ? [{ name, apiPort: settings.apiPort, natsPort: nats.port }] : plan;
  const servers = members.map((member) => ({ member: member.name, url: urlOf(member) }));
  writePrivate(home.kubeconfig, kubeconfigText({ ...access, servers: servers.slice(0, 1) }));
  if (servers.length > 1) writePrivate(home.kubeconfigAll, kubeconfigText({ ...access, servers }));
  else rmSync(home.kubeconfigAll, { force: true });
  writeNatsFile(home, settings, {
    token: nats.token,
    servers: natsUrls(members, nats.host),
    ...(settings.address === '' ? {} : { ca: pki.ca }),
  });
  writeNote(home, {
    role: 'member',
    name,
    pid: process.pid,
    url: urlOf({ apiPort: settings.apiPort }),
    ...(withNode ? { node: nodeNameOf(hostname()) } : {}),
    startedAt: new Date(systemClock.now()).toISOString(),
  });
}

/** Turns what an operator can mend into one line. */
function explain(settings: Settings): (error: unknown) => never {
  return (error) => {
    const codes = [error, error instanceof Error ? error.cause : undefined].map((found) =>
      found instanceof Error && 'code' in found ? found.code : undefined,
    );
    if (codes.includes('EADDRINUSE'))
      throw new StartProblem(`port ${settings.apiPort} is in use by another program; choose another with --api-port`);
    if (codes.includes('EACCES'))
      throw new StartProblem(`port ${settings.apiPort} needs root rights; choose one above 1023 with --api-port`);
    if ((codes.includes('in-use') || codes.includes('newer-format')) && error instanceof Error)
      throw new StartProblem(error.message);
    throw error;
  };
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => {
      resolve();
    });
    process.once('SIGINT', () => {
      resolve();
    });
  });
}
