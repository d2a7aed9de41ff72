/** The nodes of a cluster, as its API tells of them. */
import type { ApiClient } from '../clients/api-client.ts';

interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly nodeInfo?: { readonly containerRuntimeVersion?: string };
  };
}

export async function nodesOf(api: ApiClient): Promise<readonly NodeObject[]> {
  return (await api.must<{ readonly items: readonly NodeObject[] }>({ path: '/api/v1/nodes', timeoutMs: 3_000 })).items;
}

/** One sentence for each node that is not ready, and one if there are too few. */
export function complaintsOfNodes(nodes: readonly NodeObject[], wanted: number): readonly string[] {
  const sick = nodes
    .filter(({ status }) => !status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    .map(({ metadata }) => `node ${metadata.name} is not ready`);
  return nodes.length < wanted ? [...sick, `there are ${nodes.length} nodes, not ${wanted}`] : sick;
}
