/** Finds a range of pod addresses for a node that has none. */
import { inIpv4Range, ipv4Text, type Node, parseIpv4Range, resources, StatusError } from '../api/index.ts';
import { fnv1a } from '../base/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { type NodeFacts, nodeObject } from './node/index.ts';

const nodeBits = 24;

/**
 * A range of the cluster's that no other node has; undefined when all are taken. The search begins at a place that
 * depends on the node's name, so that nodes which start at the same moment choose different ranges. Pure.
 */
function freePodCidr(clusterCidr: string, taken: readonly string[], nodeName: string): string | undefined {
  const cluster = parseIpv4Range(clusterCidr);
  if (cluster === undefined) return undefined;
  const prefix = Math.max(nodeBits, cluster.prefix);
  const used = taken.flatMap((text) => parseIpv4Range(text) ?? []);
  const size = 2 ** (32 - prefix);
  const count = cluster.size / size;
  const start = fnv1a(nodeName);
  for (let i = 0; i < count; i++) {
    const range = { first: cluster.first + ((start + i) % count) * size, size };
    if (!used.some((other) => inIpv4Range(other, range.first) || inIpv4Range(range, other.first)))
      return `${ipv4Text(range.first)}/${prefix}`;
  }
  return undefined;
}

/** The node's pod range: what its Node says; a Node without one gets a free range written into it. */
export async function claimPodCidr(options: NodeAgentOptions, facts: NodeFacts): Promise<string> {
  const { view, nodeName } = options;
  const taken = view.list<Node>(resources.nodes).flatMap(({ spec }) => spec?.podCIDR ?? []);
  for (;;) {
    const chosen = freePodCidr(options.settings.clusterCidr, taken, nodeName);
    if (chosen === undefined) throw new RangeError(`all of ${options.settings.clusterCidr} is given to nodes`);
    try {
      return await claim(options, facts, chosen);
    } catch (error) {
      // A node that started at the same moment has it: the API gives each range once.
      if (!(error instanceof StatusError && error.reason === 'Invalid' && error.message.includes('podCIDR')))
        throw error;
      taken.push(chosen);
    }
  }
}

async function claim({ client, nodeName }: NodeAgentOptions, facts: NodeFacts, chosen: string): Promise<string> {
  const ref = { ...resources.nodes, name: nodeName };
  const node = await client
    .create<Node>(resources.nodes, nodeObject({ ...facts, podCidr: chosen }), { fieldManager: 'node-agent' })
    .then(({ object }) => object)
    .catch((error: unknown) => {
      if (error instanceof StatusError && error.code === 409) return client.get<Node>(ref);
      throw error;
    });
  if (node.spec?.podCIDR !== undefined && node.spec.podCIDR !== '') return node.spec.podCIDR;
  await client.patch(
    ref,
    {
      type: 'merge',
      body: {
        metadata: { resourceVersion: node.metadata.resourceVersion },
        spec: { podCIDR: chosen, podCIDRs: [chosen] },
      },
    },
    { fieldManager: 'node-agent' },
  );
  return chosen;
}
