/** How an agent connects to the members: the token that one beside a member signs for itself, and its bus. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeTokens } from '../../api-server/index.ts';
import type { Logger } from '../../base/index.ts';
import { type Bus, connectNats, inboxPrefixOf } from '../../bus/index.ts';
import { systemClock, systemRandom } from '../../platform/index.ts';
import { type Home, readNatsFile, type Settings } from '../process/index.ts';
import { renewedToken } from './node-token.ts';

/** Reads the key that signs the cluster's tokens, in PEM. */
export const signingKey = (home: Home): string => readFileSync(join(home.pki, 'service-account.key'), 'utf8');

/** The node's current token, signed with the cluster's key; see renewedToken. */
export const signedToken = (name: string, key: () => string, log: Logger): Promise<() => string> =>
  renewedToken(
    {
      key,
      issue: (seconds) =>
        createNodeTokens({ signing: { privateKey: key() }, clock: systemClock, random: systemRandom })(name, seconds),
    },
    log,
  );

interface NodeBusOptions {
  readonly name: string;
  readonly token: () => string;
  readonly settings: Settings;
  /** Waits for a server that does not listen yet. */
  readonly patient?: boolean | undefined;
}

/**
 * How often an agent, or a member that hears it, tries its connection, so that it leaves a server that is cut off
 * before its node counts as silent. The members last heard it one lease ago; then it takes three times as long, and a
 * second for another server.
 */
export function pingMsOf({ leaseMs, graceMs }: Pick<Settings['node'], 'leaseMs' | 'graceMs'>): number {
  return Math.min(pingMsMax, Math.max(pingMsMin, Math.floor((graceMs - leaseMs - anotherServerMs) / 3)));
}

const pingMsMin = 500;
const pingMsMax = 2_000;
const anotherServerMs = 1_000;

/** Connects to the servers that the home knows. */
export function nodeBus(home: Home, { name, token, settings, patient }: NodeBusOptions): Promise<Bus> {
  const { servers, ca } = readNatsFile(home);
  return connectNats({
    servers,
    token,
    name,
    patient,
    pingMs: pingMsOf(settings.node),
    inboxPrefix: inboxPrefixOf(`system:node:${name}`),
    // Read for each connection: the authorities change while the agent runs.
    caFile: ca === undefined ? undefined : join(home.pki, 'ca.crt'),
  });
}
