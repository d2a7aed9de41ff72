/** Keeps the NATS servers in a joined node's nats.json current. */
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { Bus } from '../../bus/index.ts';
import { busClient } from '../../resources/index.ts';
import { type Home, readNatsFile, writePrivate } from '../process/index.ts';
import { clusterSettings, type SharedSettings } from '../join/index.ts';

const periodMs = 60_000;
const deadlineMs = 10_000;

interface NodeServersPorts {
  readonly bus: Bus;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * So the agent's next start does not depend on the members that existed when it joined. An open connection learns of
 * servers by itself.
 */
export function keepNatsServers(
  { bus, timers, log }: NodeServersPorts,
  { home, cluster, token }: { readonly home: Home; readonly cluster: string; readonly token: () => string },
): { close(): void } {
  const client = busClient({ bus, timers, cluster, token, deadlineMs });
  const update = async (): Promise<void> => {
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
    log.info('the members of the cluster changed', { servers: natsServers });
  };
  const tick = (): void => {
    update().catch((error: unknown) => {
      log.debug('cannot read the members of the cluster', { error: errorMessage(error) });
    });
  };
  const timer = timers.every(periodMs, tick);
  tick();
  return {
    close: () => {
      timer.cancel();
      client.close();
    },
  };
}
