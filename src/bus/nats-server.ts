/** One nats-server child process: its configuration, start, reload and end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { delay, errorMessage, joinHostPort, limits, type Logger, type Timers } from '../base/index.ts';

export interface NatsServerOptions {
  /** The program; found on PATH when it has no slash. */
  readonly program: string;
  readonly host: string;
  readonly port: number;
  /** The servers that this one forms a cluster with; absent: it stands alone. */
  readonly routes?: NatsRoutes | undefined;
  readonly authorization: NatsAuthorization;
  /** Of one connection; absent: as in `limits`. */
  readonly subscriptionsMax?: number | undefined;
  /** Files of the server's certificate, for TLS on every connection; absent: none (loopback). */
  readonly tls?: NatsTlsFiles | undefined;
  /** Holds the configuration, the pid file and the log. */
  readonly folder: string;
  readonly logFile: string;
  readonly timers: Timers;
  readonly log: Logger;
}

/** How servers find each other: what one client publishes reaches the clients of all of them. */
export interface NatsRoutes {
  /** Where this one listens for the others. */
  readonly host: string;
  readonly port: number;
  /** Where the others listen, as `host:port`. */
  readonly others: readonly string[];
  /** Files of the certificate that both ends show each other; absent: none (loopback). */
  readonly tls?: NatsTlsFiles | undefined;
}

/**
 * Who may connect. `token`: everybody who knows it, to everything. `roles`: members by their password; everyone else
 * shows a bearer token of the API, and a member decides what it opens (nats-claims.ts). Nobody connects without either.
 */
type NatsAuthorization = { readonly type: 'token'; readonly token: string } | RolesAuthorization;

export interface RolesAuthorization {
  readonly type: 'roles';
  readonly memberPassword: string;
  readonly systemPassword: string;
  /** Public key whose claims the server believes. */
  readonly issuer: string;
}

export interface NatsTlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** The user names of members, and of members that manage the server itself. */
export const natsUsers = { member: 'member', system: 'system' } as const;
/** The account that everything of the cluster is in. */
export const natsAccount = 'TROUPE';

export interface NatsServer {
  readonly url: string;
  pid(): number | undefined;
  /** Resolves when the process has gone; rejects never. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /**
   * Lets the server read its certificate files again, and know these other servers if they are given. Connections stay.
   */
  reload(others?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const startMs = 10_000;

/**
 * Starts one nats-server child and resolves when it accepts connections. Secrets stand in a file of mode 0600, never in
 * the command line. A server that an earlier, killed process left behind is ended first. Who calls this supervises it:
 * `exited` resolves when the child exits.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const pidFile = `${options.folder}/nats-server.pid`;
  const config = `${options.folder}/nats-server.conf`;
  await endLeftover(pidFile, config, options);
  let { routes } = options;
  const configure = (): Promise<void> => writeFile(config, natsConfiguration({ ...options, routes }), { mode: 0o600 });
  await rm(config, { force: true }); // So that the mode holds for a file that was there already.
  await configure();
  const child = spawn(options.program, ['-c', config], { stdio: 'ignore' });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', () => {
      resolve({ code: null, signal: null });
    });
  });
  await started(child, options);
  if (child.pid !== undefined) await writeFile(pidFile, String(child.pid));
  return {
    url: `nats://${joinHostPort(options.host, options.port)}`,
    pid: () => child.pid,
    exited,
    reload: async (others) => {
      if (routes !== undefined && others !== undefined) routes = { ...routes, others };
      await configure();
      child.kill('SIGHUP');
    },
    stop: async () => {
      child.kill('SIGTERM');
      await Promise.race([exited, delay(options.timers, 3_000).then(() => child.kill('SIGKILL'))]);
      await rm(pidFile, { force: true });
    },
  };
}

/** The server's configuration file. Pure. */
function natsConfiguration(
  options: Pick<
    NatsServerOptions,
    'host' | 'port' | 'authorization' | 'routes' | 'tls' | 'logFile' | 'subscriptionsMax'
  >,
): string {
  const { tls } = options;
  return [
    `listen: "${joinHostPort(options.host, options.port)}"`,
    ...authorizationLines(options.authorization),
    ...(tls === undefined ? [] : [`tls { ${tlsFiles(tls)}, timeout: 5 }`]),
    `log_file: "${options.logFile}"`,
    'max_payload: 2097152',
    'max_pending: 134217728',
    // The bound in what a user is let in with (nats-claims.ts) counts for nothing where a callout decides.
    `max_subscriptions: ${options.subscriptionsMax ?? limits.subscriptionsMax}`,
    'write_deadline: "10s"',
    // A client that is busy for some seconds stays; members that fell silent are disconnected by the others
    // (nats-connections.ts).
    'ping_interval: "10s"',
    'ping_max: 2',
    ...clusterLines(options),
    '',
  ].join('\n');
}

const tlsFiles = ({ certificate, key, ca }: NatsTlsFiles): string =>
  `cert_file: "${certificate}", key_file: "${key}", ca_file: "${ca}"`;

/**
 * Routes carry the members' secret: no other server joins. Names are left to the servers, which draw them: two homes of
 * one member must hear each other, to find out. The servers of one machine meet on loopback, those of several in TLS
 * with certificates of both ends.
 */
function clusterLines({
  authorization,
  routes,
}: Pick<NatsServerOptions, 'authorization' | 'routes'>): readonly string[] {
  if (routes === undefined) return [];
  const secret = authorization.type === 'token' ? authorization.token : authorization.memberPassword;
  return [
    'cluster {',
    '  name: "troupe"',
    `  listen: "${joinHostPort(routes.host, routes.port)}"`,
    ...(routes.tls === undefined ? [] : [`  tls { ${tlsFiles(routes.tls)}, verify: true, timeout: 5 }`]),
    `  authorization { user: "route", password: "${secret}" }`,
    `  routes: [${routes.others.map((other) => `"nats://route:${secret}@${other}"`).join(', ')}]`,
    // One connection between two servers does; the usual pool is for many accounts.
    '  pool_size: -1',
    // A machine that is gone, or a server that stands still, closes nothing. Before agents leave such a server, after
    // 1.7 s at the earliest, the others must have forgotten who listens there: a message to one of several would go to
    // somebody who does not hear it, such as the question whether to let an agent in.
    '  ping_interval: "500ms"',
    '  ping_max: 2',
    '}',
  ];
}

function authorizationLines(authorization: NatsAuthorization): readonly string[] {
  if (authorization.type === 'token') return [`authorization { token: "${authorization.token}" }`];
  const { memberPassword, systemPassword, issuer } = authorization;
  const user = (name: string, password: string): string => `users: [ { user: "${name}", password: "${password}" } ]`;
  const member = user(natsUsers.member, memberPassword);
  const system = user(natsUsers.system, systemPassword);
  const users = `${natsUsers.member}, ${natsUsers.system}`;
  const callout = `issuer: "${issuer}", account: ${natsAccount}, auth_users: [ ${users} ]`;
  return [
    `accounts { ${natsAccount} { ${member} }, SYSTEM { ${system} } }`,
    'system_account: SYSTEM',
    // A member that is busy may take its time to answer for somebody who connects.
    `authorization { timeout: 10, auth_callout { ${callout} } }`,
  ];
}

async function started(child: ChildProcess, options: NatsServerOptions): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  child.once('exit', (code) => {
    failure ??= new Error(`it exited with code ${code}; its log is ${options.logFile}`);
  });
  for (let waitedMs = 0; waitedMs < startMs; waitedMs += 10) {
    if (failure !== undefined)
      throw new Error(`nats-server did not start (${options.program}): ${errorMessage(failure)}`, { cause: failure });
    if (await accepts(options.host, options.port)) return;
    await delay(options.timers, 10);
  }
  child.kill('SIGKILL');
  throw new Error(
    `nats-server accepted no connection on ${joinHostPort(options.host, options.port)} within ${startMs} ms`,
  );
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/**
 * A process that was killed leaves its child behind; the child still holds the port. One of another folder is none of
 * this one's, whatever the pid file says: the folder may be a copy.
 */
async function endLeftover(pidFile: string, config: string, options: NatsServerOptions): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const real = (file: string): Promise<string> => realpath(file).catch(() => file);
  const used = await Promise.all(
    command
      .split('\0')
      .filter((word) => word.endsWith('.conf'))
      .map(real),
  );
  if (!used.includes(await real(config))) return;
  options.log.warn('ending the nats-server of an earlier run', { pid });
  process.kill(pid, 'SIGKILL');
  for (let i = 0; i < 200 && (await accepts(options.host, options.port)); i++) await delay(options.timers, 10);
}
