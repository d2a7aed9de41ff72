import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type Home, writePrivate } from './home.ts';
import type { Settings } from './settings.ts';

/** nats.json: how a NATS client reaches the cluster. `token` opens both the server and, as a bearer token, the API. */
export interface NatsFile {
  readonly servers: readonly string[];
  readonly cluster: string;
  readonly token: string;
}

/** Where the member's own NATS server listens, and the secret that opens it. Chosen once and kept in the home. */
export interface NatsEndpoint {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

export async function ensureNatsEndpoint(home: Home, settings: Settings): Promise<NatsEndpoint> {
  const file = join(home.run, 'nats-endpoint.json');
  const { host, port } = settings.nats;
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as NatsEndpoint;
    if (known.host === host && (port === 0 || known.port === port)) return known;
  }
  const endpoint = { host, port: port === 0 ? await freePort(host) : port, token: `troupe-${randomBytes(24).toString('base64url')}` };
  writePrivate(file, `${JSON.stringify(endpoint)}\n`);
  return endpoint;
}

/** `ports`: those of all members' servers. */
export function writeNatsFile(home: Home, settings: Settings, endpoint: NatsEndpoint, ports: readonly number[] = [endpoint.port]): void {
  const content: NatsFile = { servers: ports.map((port) => `nats://${endpoint.host}:${port}`), cluster: settings.cluster, token: endpoint.token };
  writePrivate(home.natsFile, `${JSON.stringify(content, undefined, 2)}\n`);
}

export function readNatsFile(home: Home): NatsFile {
  return JSON.parse(readFileSync(home.natsFile, 'utf8')) as NatsFile;
}
