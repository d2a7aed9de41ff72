import { type Controller, isOf, refOf, unlessGone } from '../runtime/index.ts';
import { type Node, resources } from '../objects.ts';
import { assignRanges } from './reconcile.ts';

const key = 'cluster';

/** Gives each node a range of pod addresses. One actor does it for all nodes, so that no range is given twice. */
export function nodeAddressesController(options: { readonly cidr: string; readonly nodeBits: number }): Controller {
  return {
    name: 'node-ipam-controller',
    eventSource: 'cidrAllocator',
    resource: resources.nodes,
    watches: [resources.nodes],
    initialKeys: () => [key],
    keysFor: (change) =>
      isOf(change, resources.nodes) && change.type === 'put' && ((change.object as Node).spec?.podCIDR ?? '') === ''
        ? [key]
        : [],
    reconcile: async (_key, ports) => {
      const nodes = ports.view.list<Node>(resources.nodes);
      const assigned = assignRanges(nodes, options);
      for (const node of nodes) {
        const cidr = assigned.get(node.metadata.name);
        if (cidr !== undefined) {
          await unlessGone(
            ports.client.patch(refOf(resources.nodes, node), {
              type: 'merge',
              body: { metadata: { uid: node.metadata.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } },
            }),
          );
          continue;
        }
        if ((node.spec?.podCIDR ?? '') === '' && node.metadata.deletionTimestamp === undefined)
          ports.event(node, 'Normal', 'CIDRNotAvailable', `Node ${node.metadata.name} status is now: CIDRNotAvailable`);
      }
      return undefined;
    },
  };
}
