/** Removes everything that a cluster left on a machine. */
import { networkNames, removeNodeRoutes, type RunCommand } from './network/index.ts';
import { type ContainerRuntime, labels, sandboxReference } from './runtime/index.ts';
import type { VolumeFiles } from './volumes/index.ts';

interface PurgeOptions {
  readonly runtime: ContainerRuntime;
  readonly run: RunCommand;
  readonly files: VolumeFiles;
  readonly cluster: string;
  readonly stateFolder: string;
  /** Routes inside of it are the cluster's. */
  readonly clusterCidr: string;
}

/**
 * Removes what carries the cluster's labels and names from the engine and the machine: containers, network, routes,
 * packet filter table, pods' files; the sandbox image when no other cluster uses it. Nothing else is touched. Repeating
 * it is harmless.
 */
export async function purgeEverything(options: PurgeOptions): Promise<void> {
  const { runtime, run, files, cluster, stateFolder } = options;
  const names = networkNames(cluster);
  const found = await runtime.summaries({ [labels.cluster]: cluster });
  const ordered = [...found].sort(
    (one, other) => Number(one.labels[labels.role] === 'sandbox') - Number(other.labels[labels.role] === 'sandbox'),
  );
  await Promise.all(ordered.map(({ id }) => runtime.remove(id)));
  await runtime.removeNetwork(names.network);
  const others = await runtime.summaries({ [labels.role]: 'sandbox' });
  if (others.length === 0) await runtime.removeImage(sandboxReference);
  await removeNodeRoutes(run, {
    cluster,
    bridge: names.bridge,
    clusterCidr: options.clusterCidr,
    forwardChain: runtime.forwardChain,
  });
  await run('nft', ['-f', '-'], `add table ip ${names.table}\ndelete table ip ${names.table}\n`);
  await files.remove(`${stateFolder}/pods`);
}
