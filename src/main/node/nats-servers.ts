import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { busClient } from '../../resources/index.ts';
import { type Home, readNatsFile, writePrivate } from '../process/index.ts';
import { clusterSettings, type SharedSettings } from '../join/index.ts';

const lookMs = 60_000;
const deadlineMs = 10_000;

export interface NodeServersPorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Keeps the list of NATS servers in a joined node's nats.json as the cluster says it, so that the agent's next start
 * does not depend on the members that were there when it joined. A connection that stands learns of servers by itself.
 */
export function keepNatsServers(
  { bus, timers, log }: NodeServersPorts,
  { home, cluster, token }: { readonly home: Home; readonly cluster: string; readonly token: () => string },
): { close(): void } {
  const client = busClient({ bus, timers, cluster, token, deadlineMs });
  const look = async (): Promise<void> => {
    const { data } = await client.get<{ readonly data?: { readonly settings?: string } }>({
      group: '',
      resource: 'configmaps',
      ...clusterSettings,
    });
    const { natsServers } = JSON.parse(data?.settings ?? '{}') as Partial<SharedSettings>;
    const known = readNatsFile(home);
    if (
      natsServers === undefined ||
      natsServers.length === 0 ||
      JSON.stringify(natsServers) === JSON.stringify(known.servers)
    )
      return;
    writePrivate(home.natsFile, `${JSON.stringify({ ...known, servers: natsServers }, undefined, 2)}\n`);
    log.info('the members of the cluster are others than before', { servers: natsServers });
  };
  const tryLook = (): void => {
    look().catch((error: unknown) => {
      log.debug('the cluster did not say where its members are', { error: errorMessage(error) });
    });
  };
  const timer = timers.every(lookMs, tryLook);
  tryLook();
  return {
    close: () => {
      timer.cancel();
      client.close();
    },
  };
}
