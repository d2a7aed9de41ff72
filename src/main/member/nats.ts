/** The member's NATS server and its connections to it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActorSystem } from '../../actors/index.ts';
import { joinHostPort, type Logger } from '../../base/index.ts';
import {
  type Bus,
  connectNats,
  createNatsIssuer,
  memberInboxPrefix,
  type NatsConnections,
  natsConnections,
  type NatsTlsFiles,
  natsUsers,
  type RolesAuthorization,
} from '../../bus/index.ts';
import { systemTimers } from '../../platform/index.ts';
import {
  ensureNatsEndpoint,
  entryOf,
  type Home,
  type NatsEndpoint,
  natsFolder,
  natsOf,
  type NatsSecrets,
  natsUrls,
  type Place,
} from '../process/index.ts';
import { pingMsOf } from '../node/index.ts';
import { superviseNatsServer } from './nats-server-actor.ts';

interface StartNatsOptions {
  readonly place: Place;
  readonly home: Home;
  readonly secrets: NatsSecrets;
  readonly log: Logger;
  readonly system: ActorSystem;
}

export interface MemberNats {
  readonly endpoint: NatsEndpoint;
  /** Reads the certificate files again; `others`: the other servers, as `host:port`. */
  reload(others?: readonly string[]): void;
  /** Starts the server anew with these secrets. Resolves when it accepts connections. */
  authorize(secrets: NatsSecrets): Promise<void>;
}

/**
 * Starts the server: always with credentials, and with TLS when other machines reach it. A replica beside a member uses
 * that one's, which follows the changes by itself.
 */
export async function startNats({ place, home, secrets, log, system }: StartNatsOptions): Promise<MemberNats> {
  const { name, settings, plan } = place;
  const file = (base: string): string => join(home.pki, base);
  const tls = (pair: string): NatsTlsFiles => ({
    certificate: file(`${pair}.crt`),
    key: file(`${pair}.key`),
    ca: file('ca.crt'),
  });
  const { endpoint, routes } = natsOf(plan, name, {
    endpoint: await ensureNatsEndpoint(home, settings),
    tls: tls('peer'),
  });
  if (entryOf(place)?.beside !== undefined)
    return { endpoint, reload: () => undefined, authorize: () => Promise.resolve() };
  const folder = natsFolder(home, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const server = await superviseNatsServer(system, {
    program: settings.nats.program,
    host: endpoint.host,
    port: endpoint.port,
    folder,
    timers: systemTimers,
    log,
    logFile: join(home.logs, routes === undefined ? 'nats-server.txt' : `nats-server-${name}.txt`),
    authorization: authorizationOf(secrets),
    routes,
    tls: settings.address === '' ? undefined : tls('server'),
  });
  return {
    endpoint,
    reload: (others) => {
      server.tell({ type: 'reload', others });
    },
    authorize: async (fresh) => {
      const authorization = authorizationOf(fresh);
      await server.ask<number>((reply) => ({ type: 'authorize', authorization, reply }), { deadlineMs: restartMs });
    },
  };
}

const restartMs = 15_000;

function authorizationOf({ memberPassword, systemPassword, issuerSeed }: NatsSecrets): RolesAuthorization {
  return { type: 'roles', memberPassword, systemPassword, issuer: createNatsIssuer(issuerSeed).publicKey };
}

/** How a member proves itself to a NATS server, as it is when it connects: keys change while it runs. */
interface NatsAccess {
  readonly secrets: () => NatsSecrets;
  /** The authorities that sign the servers' certificates. */
  readonly caFile: string;
}

/** The second connection, as the servers' system user, which sees and ends the connections of others. */
export async function connectSystem(
  place: Place,
  endpoint: NatsEndpoint,
  access: NatsAccess,
): Promise<{ readonly connections: NatsConnections; close(): Promise<void> }> {
  const { name } = place;
  const bus = await connectNats({
    ...serversOf(place, endpoint, access.caFile),
    name: `${name}-system`,
    inboxPrefix: memberInboxPrefix(`${name}-system`),
    user: { name: natsUsers.system, password: () => access.secrets().systemPassword },
  });
  return { connections: natsConnections(bus, systemTimers), close: () => bus.close() };
}

/**
 * The member's connection: to its own server, or to the others when that is gone. A replica waits for the server of the
 * member beside it: they start together.
 */
export function connectMember(place: Place, endpoint: NatsEndpoint, { secrets, caFile }: NatsAccess): Promise<Bus> {
  return connectNats({
    ...serversOf(place, endpoint, caFile),
    name: place.name,
    patient: entryOf(place)?.beside !== undefined,
    returns: systemTimers,
    // It hears the agents: it has to leave a server that is cut off as soon as they do.
    pingMs: pingMsOf(place.settings.node),
    inboxPrefix: memberInboxPrefix(place.name),
    user: { name: natsUsers.member, password: () => secrets().memberPassword },
  });
}

function serversOf(
  { name, settings, plan }: Place,
  { host, port }: NatsEndpoint,
  caFile: string,
): { readonly servers: readonly string[]; readonly ordered: boolean; readonly caFile?: string | undefined } {
  const others = plan.filter((member) => member.name !== name);
  return {
    servers: [...new Set([`nats://${joinHostPort(host, port)}`, ...natsUrls(others, host)])],
    ordered: true,
    caFile: settings.address === '' ? undefined : caFile,
  };
}
