/** The member's process, from start to the signal that ends it. */
import { createPublicKey } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Audit } from '../../api-server/index.ts';
import { assertLimits, type Disk } from '../../base/index.ts';
import { type Bus, type NatsConnections, subjectsOf } from '../../bus/index.ts';
import { lockFolder, systemClock, systemDisk, systemRandom, systemTimers } from '../../platform/index.ts';
import type { AdmissionConfiguration } from '../../resources/index.ts';
import type { MemberRecord } from '../../shards/index.ts';
import { type AccessPlugIns, accessPlugIns, admissionConfiguration, auditOf } from '../access/index.ts';
import { storeEncryption } from '../encryption/index.ts';
import { foundingTimeline, isReplica, memberSecrets, takeVote, votersIn, votersOf } from '../join/index.ts';
import { ensureHomePki, machineAddresses, type Pki, readSigningKeys, signingKeyFiles } from '../keys/index.ts';
import { nodeNameOf, renewedToken, startNode } from '../node/index.ts';
import {
  defaultFamily,
  dashboardFolder,
  ensureNatsSecrets,
  entryOf,
  type Home,
  makeHome,
  type NatsEndpoint,
  openProcess,
  ownMember,
  type Place,
  plannedMembers,
  processFigures,
  removeNote,
  type RunningProcess,
  type Settings,
  sharesPort,
  stopSignal,
  storeFolderOf,
  version,
} from '../process/index.ts';
import { takeMissedStep } from '../rotation/index.ts';
import { keepHomeCurrent } from './current-home.ts';
import { endRemoved, endTaken, startProblemOf } from './endings.ts';
import { KeysInUse } from './keys-in-use.ts';
import { type Member, startMember } from './member.ts';
import { connectMember, connectSystem, type MemberNats, startNats } from './nats.ts';
import { openPeers, type Peers } from './peers.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';
import { followRemoval } from './removal.ts';
import { keepReplicas } from './replicas.ts';

interface RunMemberOptions {
  /** The member's name; default: the home's first. */
  readonly name?: string | undefined;
  readonly home: Home;
  readonly settings: Settings;
  /** Whether this process also runs a node. */
  readonly withNode: boolean;
  /** Log to standard error instead of the home. */
  readonly foreground: boolean;
}

/** A member that was asked to stop ends after this, whatever it still waits for. */
const stopMs = 20_000;

/** Runs until a signal ends the process. A start that fails takes its nats-server along. */
export async function runMember(options: RunMemberOptions): Promise<void> {
  assertLimits();
  const place = placeOf(options);
  const { name, settings } = place;
  makeHome(options.home);
  const opened = openProcess({ name, home: options.home, settings, foreground: options.foreground });
  try {
    await serve(options, place, opened);
  } catch (error) {
    await opened.system.stop();
    throw error;
  }
}

function placeOf({ home, settings, name: wanted }: RunMemberOptions): Place {
  const plan = plannedMembers(home);
  const name = wanted ?? ownMember(home);
  const own = entryOf({ name, plan });
  return { name, plan, settings: own === undefined ? settings : { ...settings, apiPort: own.apiPort } };
}

/** Starts what the member needs, then the member, then what follows from it; ends in the opposite order. */
async function serve(options: RunMemberOptions, place: Place, opened: RunningProcess): Promise<void> {
  const { home } = options;
  const { log, system } = opened;
  const machine = await openMachine(options, place, opened);
  const connections = await connect(options, place, opened, machine);
  const member = await openMember(options, place, opened, { ...machine, ...connections });
  const current = keepHomeCurrent(
    { ...opened, bus: connections.bus },
    { home, place, withNode: options.withNode, ...machine, ...connections, member },
  );
  void takeVote(home, { place, store: member.store, timers: systemTimers, log });
  const replicas = keepReplicas({ store: member.store, timers: systemTimers, log }, place);
  const node = options.withNode ? await openNode(options, place, opened, { member, bus: connections.bus }) : undefined;
  log.info('the member is ready', { url: member.api.url });
  await stopSignal();
  log.info('the member stops');
  setTimeout(() => {
    process.exit(0);
  }, stopMs).unref();
  current.close();
  replicas.close();
  await node?.stop();
  await member.close();
  await connections.close();
  await system.stop();
  removeNote(home, { role: 'member', name: place.name });
  process.exit(0);
}

/** What this machine gives a member: its keys, its NATS server, and what the settings add. */
interface Machine {
  readonly keys: KeysInUse;
  readonly nats: MemberNats;
  readonly audit: Audit | undefined;
  readonly access: AccessPlugIns;
  readonly admission: AdmissionConfiguration;
}

async function openMachine(
  { home }: RunMemberOptions,
  place: Place,
  { log, metrics, system }: RunningProcess,
): Promise<Machine> {
  const { name, settings, plan } = place;
  await takeMissedStep(home, place);
  const secrets = ensureNatsSecrets(home);
  const making = ensureHomePki(home, settings);
  if (settings.address !== '') await making; // The NATS server reads its certificate when it starts.
  const [pki, nats] = await Promise.all([making, startNats({ place, home, secrets, log, system })]);
  const audit = auditOf(settings.audit, {
    file: join(home.logs, plan.length === 0 ? 'audit.log' : `audit-${name}.log`),
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
  const admission = admissionConfiguration(settings, home.folder);
  return { keys: new KeysInUse(home, settings, pki), nats, audit, access, admission };
}

/** The member's ways to others: as itself, as the NATS servers' system user, and to the other stores. */
interface Connections {
  readonly bus: Bus;
  readonly connections: NatsConnections | undefined;
  readonly peers: Peers | undefined;
  close(): Promise<void>;
}

async function connect(
  { home }: RunMemberOptions,
  place: Place,
  { log, metrics, system }: RunningProcess,
  { keys, nats: { endpoint } }: Machine,
): Promise<Connections> {
  const { name, settings } = place;
  const beside = entryOf(place)?.beside !== undefined;
  const access = { secrets: () => keys.nats, caFile: join(home.pki, 'ca.crt') };
  const bus = await connectMember(place, endpoint, access);
  followRemoval(
    { bus, subjects: subjectsOf(settings.cluster), timers: systemTimers, log, metrics },
    {
      member: name,
      removed: () => {
        endRemoved(home, place, { log, system });
      },
    },
  );
  // The member beside it sees and ends the connections to their server.
  const natsSystem = beside ? undefined : await connectSystem(place, endpoint, access);
  const peers = await openPeers(place, {
    bus,
    pki: keys.pki,
    folder: storeFolderOf(home, name).folder,
    log,
    metrics,
    onLost: (error) => {
      endTaken({ log, system }, error);
    },
  });
  return {
    bus,
    connections: natsSystem?.connections,
    peers,
    close: async () => {
      await peers?.close();
      await natsSystem?.close();
      await bus.close();
    },
  };
}

/** Starts the member on this machine's clock and disk. Rejects with StartProblem where an operator can mend it. */
async function openMember(
  { home }: RunMemberOptions,
  place: Place,
  opened: RunningProcess,
  parts: Machine & Connections,
): Promise<Member> {
  const { name, settings } = place;
  const encryption = await storeEncryption({
    home,
    settings: settings.encryption,
    storeFolder: storeFolderOf(home, name).folder,
    timers: systemTimers,
    log: opened.log,
  });
  const disk = encryption?.disk(systemDisk) ?? systemDisk;
  const options = memberOptions(home, place, { ...parts, fail: opened.fail });
  const member = await startMember(memberPorts(opened, parts, disk), options).catch((error: unknown) => {
    throw startProblemOf(error, settings);
  });
  encryption?.follow(member.store);
  return member;
}

function memberPorts(
  { log, metrics, system, traces }: RunningProcess,
  { bus, connections, peers }: Connections,
  disk: Disk,
): MemberPorts {
  return {
    system,
    bus,
    connections,
    transport: peers?.transport,
    disk,
    lock: lockFolder,
    clock: systemClock,
    timers: systemTimers,
    afterInput: setImmediate,
    random: systemRandom,
    log,
    metrics,
    traces,
    levels: log,
  };
}

function memberOptions(
  home: Home,
  place: Place,
  { nats: { endpoint }, keys, access, admission, audit, fail }: Machine & Pick<RunningProcess, 'fail'>,
): MemberOptions {
  const { name, settings, plan } = place;
  return {
    name,
    settings,
    voters: votersOf(home, place),
    learnerOf: isReplica(place) ? votersIn(place) : undefined,
    sharesPort: sharesPort(place),
    timeline: foundingTimeline(home),
    record: recordOf(place, endpoint, keys.pki),
    secrets: memberSecrets(home, place),
    pki: keys.pki,
    signing: readSigningKeys(home.pki),
    keyFiles: plan.some(({ host }) => host !== undefined) ? signingKeyFiles(home.pki) : undefined,
    dataFolder: storeFolderOf(home, name).folder,
    adminTokens: () => keys.adminTokens,
    natsIssuer: keys.issuer,
    dashboardFolder: dashboardFolder(),
    figures: processFigures(home.data),
    access,
    admission,
    audit,
    onFailure: (error) => {
      fail('the store can no longer serve; restarting the process', error);
    },
  };
}

function recordOf(place: Place, { port: natsPort }: NatsEndpoint, { sealingKey: privateKey }: Pki): MemberRecord {
  const { name, settings } = place;
  const { routePort = settings.nats.routePort, role, beside } = entryOf(place) ?? {};
  const sealingKey = String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  const { apiPort } = settings;
  return {
    name,
    host: addressOf(settings),
    natsPort,
    apiPort,
    routePort,
    version: version(),
    role,
    beside,
    sealingKey,
  };
}

/** The address other machines use to reach this one. */
function addressOf({ address, network }: Settings): string {
  return address === '' ? (machineAddresses(defaultFamily(network))[0] ?? '127.0.0.1') : address;
}

/** The node of this process, whose tokens the member issues. */
async function openNode(
  { home }: RunMemberOptions,
  { settings }: Place,
  { system, log, metrics, traces }: RunningProcess,
  { member, bus }: { readonly member: Member; readonly bus: Bus },
): Promise<Awaited<ReturnType<typeof startNode>>> {
  const name = nodeNameOf(hostname());
  const address = addressOf(settings);
  return await startNode(
    { system, bus, log, metrics, traces },
    {
      name,
      home,
      settings,
      address,
      apiServer: { host: address, port: settings.apiPort },
      token: await renewedToken(
        {
          issue: (seconds) => member.credentials.issueNodeToken(name, seconds),
          key: () => member.credentials.keys.signing.id,
        },
        log,
      ),
    },
  );
}
