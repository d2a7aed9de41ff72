import { StatusError } from '../api/index.ts';
import type { NodeAgentOptions } from './agent-settings.ts';
import { type NodeObject, resources } from './kube/index.ts';
import { addressText, cidrSize, contains, parseCidr } from './network/index.ts';
import { type Machine, type NodeFacts, nodeObject } from './node/index.ts';

const nodeBits = 24;
/** How long a controller that hands out ranges is waited for. */
const controllerMs = 2000;

/** The first range of the cluster's that no other node has. Undefined when all are taken. Pure. */
export function freePodCidr(clusterCidr: string, taken: readonly string[]): string | undefined {
  const cluster = parseCidr(clusterCidr);
  if (cluster === undefined) return undefined;
  const bits = Math.max(nodeBits, cluster.bits);
  const used = taken.flatMap((text) => parseCidr(text) ?? []);
  const size = 2 ** (32 - bits);
  for (let base = cluster.base; base < cluster.base + cidrSize(cluster); base += size) {
    if (!used.some((range) => contains(range, base) || contains({ base, bits }, range.base))) return `${addressText(base)}/${bits}`;
  }
  return undefined;
}

/** The node's pod range: what its Node says; after a moment without one, a free range is claimed by writing it there. */
export async function claimPodCidr(options: NodeAgentOptions, _machine: Machine, facts: NodeFacts): Promise<string> {
  const { client, view, nodeName, timers } = options;
  const ref = { ...resources.nodes, name: nodeName };
  const node = await client.create<NodeObject>(resources.nodes, nodeObject(facts)).catch((error: unknown) => {
    if (error instanceof StatusError && error.code === 409) return client.get<NodeObject>(ref);
    throw error;
  });
  if (node.spec?.podCIDR !== undefined) return node.spec.podCIDR;
  await new Promise<void>((resolve) => { timers.after(controllerMs, resolve); });
  const again = await client.get<NodeObject>(ref);
  if (again.spec?.podCIDR !== undefined) return again.spec.podCIDR;
  const taken = view.list<NodeObject>(resources.nodes).flatMap(({ spec }) => spec?.podCIDR ?? []);
  const chosen = freePodCidr(options.settings.clusterCidr, taken);
  if (chosen === undefined) throw new RangeError(`all of ${options.settings.clusterCidr} is given to nodes`);
  await client.patch(ref, { type: 'merge', body: { metadata: { resourceVersion: again.metadata.resourceVersion }, spec: { podCIDR: chosen, podCIDRs: [chosen] } } });
  return chosen;
}
