/** Removes everything that a cluster left on a machine. */
import { familyOf } from '../api/index.ts';
import { purgeKubeletRoot } from './csi/index.ts';
import { networkNames, removeNodeRoutes, type RunCommand } from './network/index.ts';
import {
  type ClusterIdentity,
  clusterLabels,
  type ContainerRuntime,
  labels,
  sandboxReference,
} from './runtime/index.ts';
import type { VolumeFiles } from './volumes/index.ts';

interface PurgeOptions extends ClusterIdentity {
  readonly runtime: ContainerRuntime;
  readonly run: RunCommand;
  readonly files: VolumeFiles;
  /** The nodes that go. */
  readonly nodes: readonly string[];
  readonly stateFolders: readonly string[];
  /** The folder that CSI drivers know as the kubelet's. */
  readonly kubeletRoot?: string | undefined;
  /** Routes inside of it are the cluster's. */
  readonly clusterCidrs: readonly string[];
}

/**
 * Removes what the nodes of a cluster made, from the engine and the machine: containers and pods' files; bridge, routes
 * and packet filter table unless another node of the cluster has pods here, or they belong to another cluster of its
 * name; the sandbox image when nobody uses it. Nothing else is touched. Repeating it is harmless.
 */
export async function purgeEverything(options: PurgeOptions): Promise<void> {
  const { runtime, run, files, cluster, nodes } = options;
  const names = networkNames(cluster);
  const found = await runtime.summaries(clusterLabels(options));
  const ordered = found
    .filter(({ labels: own }) => nodes.includes(own[labels.node] ?? ''))
    .sort(
      (one, other) => Number(one.labels[labels.role] === 'sandbox') - Number(other.labels[labels.role] === 'sandbox'),
    );
  await Promise.all(ordered.map(({ id }) => runtime.remove(id)));
  const shared = found.length > ordered.length;
  if (!shared && (await runtime.removeNetwork(names.network, clusterLabels(options)))) {
    await removeNodeRoutes(run, {
      cluster,
      bridge: names.bridge,
      clusterCidrs: options.clusterCidrs,
      forwardChain: runtime.forwardChain,
    });
    for (const table of options.clusterCidrs.map(
      (range) => `${familyOf(range) === 'IPv4' ? 'ip' : 'ip6'} ${names.table}`,
    ))
      await run('nft', ['-f', '-'], `add table ${table}\ndelete table ${table}\n`);
  }
  const others = await runtime.summaries({ [labels.role]: 'sandbox' });
  if (others.length === 0) await runtime.removeImage(sandboxReference);
  const { kubeletRoot: wanted } = options;
  for (const stateFolder of options.stateFolders) {
    if (wanted !== undefined) await purgeKubeletRoot({ wanted, stateFolder, run });
    await files.remove(`${stateFolder}/pods`);
  }
}
