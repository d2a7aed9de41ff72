/** How an agent connects to the members: the token that one beside a member signs for itself, and its bus. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeTokens } from '../../api-server/index.ts';
import type { Logger } from '../../base/index.ts';
import { type Bus, connectNats, inboxPrefixOf } from '../../bus/index.ts';
import { systemClock, systemRandom } from '../../platform/index.ts';
import { type Home, readNatsFile } from '../process/index.ts';
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

/** Connects to the servers that the home knows. `patient`: waits for one that does not listen yet. */
export function nodeBus(
  home: Home,
  { name, token, patient }: { readonly name: string; readonly token: () => string; readonly patient?: boolean },
): Promise<Bus> {
  const { servers, ca } = readNatsFile(home);
  return connectNats({
    servers,
    token,
    name,
    patient,
    inboxPrefix: inboxPrefixOf(`system:node:${name}`),
    // Read for each connection: the authorities change while the agent runs.
    caFile: ca === undefined ? undefined : join(home.pki, 'ca.crt'),
  });
}
