/** Removes everything that the cluster made on this machine. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostMachine, purgeEverything, runtimeDriver } from '../../node-agent/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { type Home, networkRanges, type Settings } from '../process/index.ts';
import { defaultKubeletRoot } from './node.ts';

/**
 * Removes the containers, networks, rules and pod files of the home's nodes; nothing of other homes, be their cluster's
 * name the same.
 */
export async function purge({ home, settings }: { readonly home: Home; readonly settings: Settings }): Promise<void> {
  const driver = runtimeDriver(settings.node.runtime);
  if (!driver.runsProcesses) return;
  const runtime = driver.open(settings.node, { clock: systemClock, timers: systemTimers });
  const { run, files } = hostMachine();
  const folder = join(home.run, 'nodes');
  const nodes = existsSync(folder) ? readdirSync(folder) : [];
  const work = purgeEverything({
    runtime,
    run,
    files,
    cluster: settings.cluster,
    clusterId: settings.clusterId,
    nodes,
    clusterCidrs: networkRanges(settings.network).podCidrs,
    stateFolders: nodes.map((node) => join(folder, node)),
    kubeletRoot: settings.node.kubeletRoot ?? defaultKubeletRoot,
  });
  await work.finally(() => {
    runtime.close();
  });
}
