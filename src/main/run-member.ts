import { hostname } from 'node:os';
import { join } from 'node:path';
import { createActorSystem } from '../actors/index.ts';
import { assertLimits, errorMessage, type Logger } from '../base/index.ts';
import { connectNats } from '../bus/index.ts';
import { lockFolder, MetricsRegistry, openLogger, systemClock, systemDisk, systemRandom, systemTimers } from '../platform/index.ts';
import { auditOf } from './audit.ts';
import { type Home, makeHome, removeNote, writeNote, writePrivate } from './home.ts';
import { dashboardFolder } from './installation.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { type Member, startMember } from './member.ts';
import { ensureNatsEndpoint, type NatsEndpoint, writeNatsFile } from './nats-file.ts';
import { superviseNatsServer } from './nats-server-actor.ts';
import { startNode } from './node.ts';
import { ensurePki, machineAddresses, type Pki } from './pki.ts';
import type { Settings } from './settings.ts';
import { StartProblem } from './start-problem.ts';

export interface RunMemberOptions {
  readonly home: Home;
  readonly settings: Settings;
  /** Whether this process also runs a node. */
  readonly withNode: boolean;
  /** Log to standard error instead of the home. */
  readonly foreground: boolean;
}

const memberName = 'member-1';
const stopMs = 10_000;

/** The member's process, from start to the signal that ends it. */
export async function runMember(options: RunMemberOptions): Promise<void> {
  assertLimits();
  const { home, settings } = options;
  makeHome(home);
  const log = openLogger({ level: settings.logLevel, ...(options.foreground ? {} : { file: join(home.logs, `${memberName}.log`) }) });
  const metrics = new MetricsRegistry();
  const system = createActorSystem({ name: memberName, clock: systemClock, timers: systemTimers, log, metrics });
  const fail = (what: string) => (error: unknown): void => {
    log.error(what, { error: errorMessage(error) });
    process.exit(1);
  };
  system.onFailure((record) => { fail('a part could not be kept alive; the member ends and is started anew')(new Error(`${record.address}: ${record.error}`)); });
  process.on('unhandledRejection', fail('an unexpected failure'));
  process.on('uncaughtException', fail('an unexpected failure'));

  const [pki, nats] = await Promise.all([
    ensurePki({ folder: home.pki, cluster: settings.cluster, now: systemClock.now(), hosts: [firstAddress(settings.network.serviceCidr)] }),
    startNats(options, log, system),
  ]);
  const audit = auditOf(settings.audit, { logs: home.logs, clock: systemClock, timers: systemTimers, log, metrics });
  const address = machineAddresses()[0] ?? '127.0.0.1';
  const bus = await connectNats({ servers: [`nats://${nats.host}:${nats.port}`], token: nats.token, name: memberName });
  const member = await startMember(
    { system, bus, disk: systemDisk, lock: lockFolder, clock: systemClock, timers: systemTimers, random: systemRandom, log, metrics },
    { name: memberName, settings, pki, dataFolder: join(home.data, 'store'), adminToken: nats.token, address, dashboardFolder: dashboardFolder(), audit, onFailure: fail('the store cannot serve any more') },
  ).catch(explain(settings));
  writeFiles(options, { pki, nats, member });
  const node = options.withNode
    ? await startNode({ system, bus, log, metrics }, { name: nodeNameOf(hostname()), home, settings, address, issueToken: member.credentials.issueNodeToken })
    : undefined;
  log.info('the member is ready', { url: member.api.url });
  await stopSignal();
  log.info('the member stops');
  setTimeout(() => { process.exit(0); }, stopMs).unref();
  await node?.stop();
  await member.close();
  await bus.close();
  await system.stop();
  removeNote(home, { role: 'member', name: memberName });
  process.exit(0);
}

async function startNats({ home, settings }: RunMemberOptions, log: Logger, system: ReturnType<typeof createActorSystem>): Promise<NatsEndpoint> {
  const endpoint = await ensureNatsEndpoint(home, settings);
  await superviseNatsServer(system, { program: settings.nats.program, ...endpoint, folder: home.run, logFile: join(home.logs, 'nats-server.txt'), timers: systemTimers, log });
  return endpoint;
}

/** The address of the `kubernetes` Service: the first of the range. */
function firstAddress(cidr: string): string {
  const octets = (cidr.split('/')[0] ?? '').split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}

/** A machine's name as a node's name (RFC 1123 subdomain). */
function nodeNameOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9.-]/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '') || 'node';
}

function writeFiles({ home, settings, withNode }: RunMemberOptions, made: { readonly pki: Pki; readonly nats: NatsEndpoint; readonly member: Member }): void {
  const url = `https://127.0.0.1:${settings.apiPort}`;
  writePrivate(home.kubeconfig, kubeconfigText({ cluster: settings.cluster, server: url, ca: made.pki.ca, certificate: made.pki.adminCertificate, key: made.pki.adminKey }));
  writeNatsFile(home, settings, made.nats);
  writeNote(home, { role: 'member', name: memberName, pid: process.pid, url, ...(withNode ? { node: nodeNameOf(hostname()) } : {}), startedAt: new Date(systemClock.now()).toISOString() });
}

/** Turns what an operator can mend into one line. */
function explain(settings: Settings): (error: unknown) => never {
  return (error) => {
    const codes = [error, error instanceof Error ? error.cause : undefined].map((found) => (found instanceof Error && 'code' in found ? found.code : undefined));
    if (codes.includes('EADDRINUSE')) throw new StartProblem(`port ${settings.apiPort} is in use by another program; choose another with --api-port`);
    if (codes.includes('EACCES')) throw new StartProblem(`port ${settings.apiPort} needs root rights; choose one above 1023 with --api-port`);
    if (codes.includes('in-use') && error instanceof Error) throw new StartProblem(error.message);
    throw error;
  };
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => { resolve(); });
    process.once('SIGINT', () => { resolve(); });
  });
}
