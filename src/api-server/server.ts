/** Both doors of the API, opened around one handler. */
import { subjectsOf } from '../bus/index.ts';
import type { Store } from '../state/index.ts';
import { apiHandler, authenticationOf } from './api-handler.ts';
import { type AuthenticationPorts, type Authenticator, checkToken } from './auth/index.ts';
import type { ApiHandler } from './handler.ts';
import { openHttpDoor, type TlsOptions } from './http/index.ts';
import {
  answerConnections,
  type Audience,
  connectionPermissions,
  openNatsDoor,
  ReplyGuard,
  reviewConnections,
  startChangeFeed,
  watchAudience,
} from './nats/index.ts';
import type { ApiServerOptions } from './server-options.ts';
import { yamlThread } from './yaml-thread.ts';

export interface ApiServer {
  /** `https://host:port`. */
  readonly url: string;
  readonly port: number;
  /** The handler behind both doors, for calls within the process. */
  readonly handler: ApiHandler;
  /** On which reply subjects clients are answered, for others who answer over NATS. */
  readonly replies: ReplyGuard;
  /**
   * Takes renewed certificates for new connections, and ends those of clients whose certificate is believed no longer.
   */
  renew(tls: TlsOptions): void;
  /** Believes nothing that is remembered of tokens, and judges all standing watches again. */
  withdraw(): void;
  /** Ends the connections of all users to NATS: who may connects again. */
  endNatsConnections(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens both doors. Resolves when requests are answered; rejects when the port cannot be bound (`code` of the cause:
 * EADDRINUSE, EACCES).
 */
export async function createApiServer(given: ApiServerOptions): Promise<ApiServer> {
  const yaml = yamlThread(given.timers);
  const options = { ...given, parseLongYaml: yaml.parse };
  let advertised = '';
  let { clientCa } = options.tls;
  const authentication = authenticationOf(options, () => clientCa);
  const { authenticate } = authentication;
  const handler = apiHandler(options, () => advertised, authentication);
  const { bus, timers, log, metrics, listen, tls, turns } = options;
  const http = await openHttpDoor({ handler, tls, listen, log, timers });
  const url = urlOf({ host: listen.host, everywhere: '127.0.0.1' }, http.port);
  advertised = urlOf({ host: listen.host, everywhere: options.advertisedHost ?? '127.0.0.1' }, http.port);
  const replies = replyGuardOf(options, authenticate);
  const subjects = subjectsOf(options.cluster);
  const nats = openNatsDoor({ handler, bus, subjects, timers, log, metrics, replies, turns });
  const feed = openFeed(options);
  const connections = answerNatsConnections(options, authenticate);
  const review = reviewNatsConnections(options, authentication.ports);
  return {
    url,
    port: http.port,
    handler,
    replies,
    renew: (renewed) => {
      ({ clientCa } = renewed);
      http.renew({ ...renewed, frontProxyCa: renewed.frontProxyCa ?? tls.frontProxyCa });
    },
    withdraw: () => {
      authentication.ports.withdrawals.announce();
    },
    endNatsConnections: async () => {
      await options.natsConnections?.end(({ user }) => user !== undefined);
    },
    close: async () => {
      await Promise.all([nats.close(), http.close()]);
      feed.close();
      yaml.close();
      connections?.close();
      review?.close();
      for (const plugIn of options.authentication?.plugIns ?? []) plugIn.close?.();
      await options.audit?.close();
    },
  };
}

/** `everywhere`: the address by which a server that listens on all of them is reached. */
export function urlOf(
  { host, everywhere }: { readonly host: string; readonly everywhere: string },
  port: number,
): string {
  const reached = host === '0.0.0.0' || host === '::' ? everywhere : host;
  return `https://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/** Users hear their own inboxes alone where we tell the NATS servers so. */
function replyGuardOf({ clock, log, metrics, natsIssuer }: ApiServerOptions, authenticate: Authenticator): ReplyGuard {
  return new ReplyGuard({ clock, log, metrics, authenticate: natsIssuer === undefined ? undefined : authenticate });
}

interface Closable {
  close(): void;
}

/** The change feed, silent while nobody can hear it. */
function openFeed(options: ApiServerOptions): Closable {
  const audience = audienceOf(options);
  const { bus, store, cluster } = options;
  const feed = startChangeFeed({ bus, subjects: subjectsOf(cluster), store, audience });
  return {
    close: () => {
      feed.close();
      audience?.close();
    },
  };
}

function audienceOf(options: ApiServerOptions): Audience | undefined {
  const { bus, timers, log, store, natsIssuer, natsConnections } = options;
  if (natsIssuer === undefined || natsConnections === undefined) return undefined;
  return watchAudience({
    bus,
    timers,
    log,
    connections: natsConnections,
    leads: () => store.status().role === 'leader',
    servers: () => serversOf(store) - (options.natsShared?.() ?? 0),
  });
}

/** Each process of the store has a NATS server, or shares another's. */
function serversOf(store: Store): number {
  const { voters, learners = [] } = store.status();
  return voters === undefined ? Infinity : voters.length + learners.length;
}

/** Tells NATS servers who may connect; undefined where they decide by themselves. */
function answerNatsConnections(options: ApiServerOptions, authenticate: Authenticator): Closable | undefined {
  const { bus, natsIssuer, cluster, clock, log, service, access } = options;
  if (natsIssuer === undefined) return undefined;
  return answerConnections({
    bus,
    issuer: natsIssuer,
    subjects: subjectsOf(cluster),
    clock,
    log,
    catalogue: service.catalogue,
    authorize: access.authorize,
    authenticate,
  });
}

/** Ends the connections of those whose rights went; undefined where NATS servers decide by themselves. */
function reviewNatsConnections(options: ApiServerOptions, authentication: AuthenticationPorts): Closable | undefined {
  const { bus, view, timers, log, store, service, access, cluster, natsIssuer, natsConnections } = options;
  if (natsIssuer === undefined || natsConnections === undefined) return undefined;
  const subjects = subjectsOf(cluster);
  return reviewConnections({
    bus,
    view,
    connections: natsConnections,
    timers,
    log,
    leads: () => store.status().role === 'leader',
    userOf: async (token) => {
      const check = await checkToken(authentication, token, authentication.audiences);
      return 'error' in check ? undefined : check.user;
    },
    permissionsOf: (user) =>
      connectionPermissions({ subjects, authorize: access.authorize, resources: service.catalogue.all() }, user),
  });
}
