/** The files by which processes find NATS: nats.json, its secrets and its endpoint. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeIssuerSeed } from '../../bus/index.ts';
import { freePort } from '../../platform/index.ts';
import { type Home, writePrivate } from './home.ts';
import type { Settings } from './settings.ts';

/**
 * nats.json, for NATS clients. `token` is the administrator's bearer token, for the server and, in each request, the
 * API.
 */
interface NatsFile {
  /** Of all members. */
  readonly servers: readonly string[];
  readonly cluster: string;
  readonly token: string;
  /** PEM of the authority that signed the servers' certificates; absent: no TLS (loopback). */
  readonly ca?: string | undefined;
}

/**
 * Shared by the members: the passwords of their NATS users, and the seed of the key whose claims NATS servers trust.
 */
export interface NatsSecrets {
  readonly memberPassword: string;
  readonly systemPassword: string;
  readonly issuerSeed: string;
}

/** The default port of NATS. */
const natsPort = 4222;

/** The port of a member's server for clients; 0: any free one. */
export function natsPortOf({ address, nats }: Settings): number {
  // Joined machines know the port, and firewalls name it.
  return nats.port === 0 && address !== '' ? natsPort : nats.port;
}

const secret = (): string => randomBytes(24).toString('base64url');

/** Made once and kept beside the cluster's keys. */
export function ensureNatsSecrets(home: Home): NatsSecrets {
  const file = join(home.pki, 'nats.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as NatsSecrets;
  const secrets = makeNatsSecrets();
  keepNatsSecrets(home, secrets);
  return secrets;
}

export function makeNatsSecrets(): NatsSecrets {
  return { memberPassword: secret(), systemPassword: secret(), issuerSeed: makeIssuerSeed() };
}

export function keepNatsSecrets(home: Home, secrets: NatsSecrets): void {
  writePrivate(join(home.pki, 'nats.json'), `${JSON.stringify(secrets)}\n`);
}

/** The address of the member's NATS server, and the administrator's token. Chosen once and kept in the home. */
export interface NatsEndpoint {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

const endpointFile = (home: Home): string => join(home.run, 'nats-endpoint.json');

export async function ensureNatsEndpoint(home: Home, settings: Settings): Promise<NatsEndpoint> {
  const file = endpointFile(home);
  const host = settings.address === '' ? settings.nats.host : settings.address;
  const port = natsPortOf(settings);
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as NatsEndpoint;
    if (known.host === host && (port === 0 || known.port === port)) return known;
  }
  const endpoint = { host, port: port === 0 ? await freePort(host) : port, token: makeAdminToken() };
  keepNatsEndpoint(home, endpoint);
  return endpoint;
}

export function keepNatsEndpoint(home: Home, endpoint: NatsEndpoint): void {
  writePrivate(endpointFile(home), `${JSON.stringify(endpoint)}\n`);
}

export const makeAdminToken = (): string => `troupe-${secret()}`;

/** Undefined before the first start. */
export function adminTokenOf(home: Home): string | undefined {
  const file = endpointFile(home);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as NatsEndpoint).token : undefined;
}

/** Puts another token in the place of the administrator's. */
export function keepAdminToken(home: Home, token: string): void {
  keepNatsEndpoint(home, { ...(JSON.parse(readFileSync(endpointFile(home), 'utf8')) as NatsEndpoint), token });
}

export function writeNatsFile(home: Home, settings: Settings, { token, ca, servers }: Omit<NatsFile, 'cluster'>): void {
  const content: NatsFile = { servers, cluster: settings.cluster, token, ca };
  writePrivate(home.natsFile, `${JSON.stringify(content, undefined, 2)}\n`);
}

export function readNatsFile(home: Home): NatsFile {
  return JSON.parse(readFileSync(home.natsFile, 'utf8')) as NatsFile;
}
