/** Finds ranges of pod addresses for a node that has none. */
import {
  addressIn,
  addressBits,
  type Network,
  networksOverlap,
  type Node,
  parseCidr,
  podRangesOf,
  resources,
  StatusError,
} from '../api/index.ts';
import { fnv1a } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { type NodeFacts, nodeObject, podRangeFields } from './node/index.ts';

/** The prefix of a node's range in a cluster's; a smaller cluster of IPv6 still has room for 256 nodes. */
function nodePrefix(family: 'IPv4' | 'IPv6', clusterPrefix: number): number {
  return family === 'IPv4'
    ? Math.max(24, clusterPrefix)
    : Math.max(64, clusterPrefix, Math.min(clusterPrefix + 8, 120));
}

/** How many nodes have a range in one of the cluster's. */
export const nodeRangesIn = ({ family, prefix }: Pick<Network, 'family' | 'prefix'>): bigint =>
  1n << BigInt(nodePrefix(family, prefix) - prefix);

/**
 * A range of the cluster's that no other node has; undefined when all are taken. The search begins at a place that
 * depends on the node's name, so that nodes which start at the same moment choose different ranges. Pure.
 */
export function freePodCidr(clusterCidr: string, taken: readonly string[], nodeName: string): string | undefined {
  const cluster = parseCidr(clusterCidr);
  if (cluster === undefined) return undefined;
  const prefix = nodePrefix(cluster.family, cluster.prefix);
  const count = nodeRangesIn(cluster);
  const used = taken.flatMap((text) => parseCidr(text) ?? []);
  const size = 1n << BigInt(addressBits[cluster.family] - prefix);
  const start = BigInt(fnv1a(nodeName));
  for (let i = 0n; i < count; i++) {
    const text = `${addressIn(cluster, ((start + i) % count) * size)}/${prefix}`;
    const range = parseCidr(text);
    if (range !== undefined && !used.some((other) => networksOverlap(other, range))) return text;
  }
  return undefined;
}

/** The node's pod ranges: what its Node says; one without gets a free range of each of the cluster's. */
export async function claimPodCidrs(
  options: NodeAgentOptions,
  facts: NodeFacts,
  clusterCidrs: readonly string[],
): Promise<readonly string[]> {
  if (facts.podCidrs.length > 0) return facts.podCidrs;
  const { view, nodeName } = options;
  const taken = view.list<Node>(resources.nodes).flatMap(({ spec }) => podRangesOf(spec ?? {}));
  for (;;) {
    const chosen = clusterCidrs.map((clusterCidr) => {
      const range = freePodCidr(clusterCidr, taken, nodeName);
      if (range === undefined) throw new RangeError(`all of ${clusterCidr} is given to nodes`);
      return range;
    });
    try {
      return await claim(options, facts, chosen);
    } catch (error) {
      // A node that started at the same moment has one of them: the API gives each range once.
      if (!(error instanceof StatusError && error.reason === 'Invalid' && error.message.includes('podCIDR')))
        throw error;
      taken.push(...chosen.filter((range) => error.message.includes(JSON.stringify(range))));
    }
  }
}

async function claim(
  { client, nodeName }: NodeAgentOptions,
  facts: NodeFacts,
  chosen: readonly string[],
): Promise<readonly string[]> {
  const ref = { ...resources.nodes, name: nodeName };
  const node = await client
    .create<Node>(resources.nodes, nodeObject({ ...facts, podCidrs: chosen }), { fieldManager: 'node-agent' })
    .then(({ object }) => object)
    .catch((error: unknown) => {
      if (error instanceof StatusError && error.code === 409) return client.get<Node>(ref);
      throw error;
    });
  const known = podRangesOf(node.spec ?? {});
  if (known.length > 0) return known;
  await client.patch(
    ref,
    {
      type: 'merge',
      body: { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: podRangeFields(chosen) },
    },
    { fieldManager: 'node-agent' },
  );
  return chosen;
}
