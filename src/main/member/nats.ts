import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActorSystem } from '../../actors/index.ts';
import type { Logger } from '../../base/index.ts';
import {
  type Bus,
  connectNats,
  createNatsIssuer,
  memberInboxPrefix,
  type NatsConnections,
  natsConnections,
  natsUsers,
} from '../../bus/index.ts';
import { systemTimers } from '../../platform/index.ts';
import {
  ensureNatsEndpoint,
  type Home,
  type NatsEndpoint,
  natsFolder,
  natsOf,
  type NatsSecrets,
  natsUrls,
  type Place,
} from '../process/index.ts';
import { superviseNatsServer } from './nats-server-actor.ts';

/**
 * Starts the member's own NATS server: with TLS when other machines reach it, and with credentials in any case.
 * `reload`: its certificate files have changed.
 */
export async function startNats(parts: {
  readonly place: Place;
  readonly home: Home;
  readonly secrets: NatsSecrets;
  readonly log: Logger;
  readonly system: ActorSystem;
}): Promise<{ readonly endpoint: NatsEndpoint; reload(others?: readonly string[]): void }> {
  const {
    place: { name, settings, plan },
    home,
    secrets,
    log,
    system,
  } = parts;
  const file = (base: string): string => join(home.pki, base);
  const { endpoint, routes } = natsOf(plan, name, {
    endpoint: await ensureNatsEndpoint(home, settings),
    tls: { certificate: file('peer.crt'), key: file('peer.key'), ca: file('ca.crt') },
  });
  const folder = natsFolder(home, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { memberPassword, systemPassword, issuerSeed } = secrets;
  const server = await superviseNatsServer(system, {
    program: settings.nats.program,
    host: endpoint.host,
    port: endpoint.port,
    folder,
    timers: systemTimers,
    log,
    logFile: join(home.logs, routes === undefined ? 'nats-server.txt' : `nats-server-${name}.txt`),
    authorization: { type: 'roles', memberPassword, systemPassword, issuer: createNatsIssuer(issuerSeed).publicKey },
    ...(routes === undefined ? {} : { routes }),
    ...(settings.address === ''
      ? {}
      : { tls: { certificate: file('server.crt'), key: file('server.key'), ca: file('ca.crt') } }),
  });
  return {
    endpoint,
    reload: (others) => {
      server.tell({ type: 'reload', ...(others === undefined ? {} : { others }) });
    },
  };
}

/** The member's second connection, as the servers' system user: it sees and ends the connections of others. */
export async function connectSystem(
  place: Place,
  endpoint: NatsEndpoint,
  credentials: { readonly secrets: NatsSecrets; readonly ca: string },
): Promise<{ readonly connections: NatsConnections; close(): Promise<void> }> {
  const { name } = place;
  const bus = await connectNats({
    ...wayOf(place, endpoint, credentials.ca),
    name: `${name}-system`,
    inboxPrefix: `_INBOX.${name}-system`,
    user: { name: natsUsers.system, password: credentials.secrets.systemPassword },
  });
  return { connections: natsConnections(bus, systemTimers), close: () => bus.close() };
}

/** The member's connection: to its own server first; when that is gone the others do. */
export function connectMember(
  place: Place,
  endpoint: NatsEndpoint,
  { secrets, ca }: { readonly secrets: NatsSecrets; readonly ca: string },
): Promise<Bus> {
  return connectNats({
    ...wayOf(place, endpoint, ca),
    name: place.name,
    inboxPrefix: memberInboxPrefix(place.name),
    user: { name: natsUsers.member, password: secrets.memberPassword },
  });
}

function wayOf(
  { name, settings, plan }: Place,
  { host, port }: NatsEndpoint,
  ca: string,
): { readonly servers: readonly string[]; readonly ordered: boolean; readonly ca?: string } {
  const others = plan.filter((member) => member.name !== name);
  return {
    servers: [`nats://${host}:${port}`, ...natsUrls(others, host)],
    ordered: true,
    ...(settings.address === '' ? {} : { ca }),
  };
}
