/** Removes everything that the cluster made on this machine. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostMachine, purgeEverything, runtimeDriver } from '../../node-agent/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import type { Home, Settings } from '../process/index.ts';

/**
 * Removes the cluster's containers, networks, rules and pod files; nothing that is not labelled with its name.
 */
export async function purge({ home, settings }: { readonly home: Home; readonly settings: Settings }): Promise<void> {
  const driver = runtimeDriver(settings.node.runtime);
  if (!driver.runsProcesses) return;
  const runtime = driver.open(settings.node, { clock: systemClock, timers: systemTimers });
  const { run, files } = hostMachine();
  const folder = join(home.run, 'nodes');
  const nodes = existsSync(folder) ? readdirSync(folder) : [];
  for (const node of nodes.length === 0 ? [''] : nodes) {
    await purgeEverything({
      runtime,
      run,
      files,
      cluster: settings.cluster,
      clusterCidr: settings.network.podCidr,
      stateFolder: join(folder, node),
    });
  }
}
