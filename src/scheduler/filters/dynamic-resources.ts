/** The filter DynamicResources: devices that the node reaches, for the claims of the pod. */
import { nodeTermMatches } from '../../api/index.ts';
import { claimsOn, podDevices, searchBudget } from '../devices/index.ts';
import type { NodeState } from '../node-state.ts';
import type { Filter, Rejection } from './filter.ts';

const rejection = (reason: string): Rejection => ({ reasons: [reason], resolvable: false });
const elsewhere = rejection('resourceclaim not available on the node');

/** Claims must have devices that the node reaches, or there must be free ones for them. */
export const dynamicResources: Filter = {
  name: 'DynamicResources',
  prepare: ({ pod }, { devices: book }) => {
    if ((pod.spec.resourceClaims?.length ?? 0) === 0) return undefined;
    const devices = podDevices(pod, book);
    if ('refusal' in devices) return devices;
    const budget = searchBudget();
    return (node) => {
      for (const { allocation } of devices.allocated)
        if (!isAvailable(allocation.nodeSelector?.nodeSelectorTerms, node)) return elsewhere;
      const claims = claimsOn(devices, node, { book, budget });
      return 'reason' in claims ? rejection(claims.reason) : undefined;
    };
  },
};

function isAvailable(terms: readonly Parameters<typeof nodeTermMatches>[0][] | undefined, node: NodeState): boolean {
  return terms === undefined || terms.some((term) => nodeTermMatches(term, node));
}
