/** The addresses by which a node is reached from outside. */
import { familyOf, type IpFamily, isLeaving, isNodeReady } from '../api/index.ts';

const excludedLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

type NodeFacts = Parameters<typeof isNodeReady>[0] & Parameters<typeof isLeaving>[0];

/**
 * By which addresses a ready node is reached from outside the cluster, one for each family that it has: its external
 * one, else its internal one. The family that the Node names first comes first. None while it is not
 * ready, is about to go, or is kept out of load balancers by its label.
 */
export function outsideAddresses(node: NodeFacts): ReadonlyMap<IpFamily, string> {
  if (!isNodeReady(node) || isLeaving(node) || node.metadata.labels?.[excludedLabel] !== undefined) return new Map();
  const all = (node.status?.addresses ?? []).filter(({ type }) => type === 'ExternalIP' || type === 'InternalIP');
  const found = new Map<IpFamily, { readonly type?: string | undefined; readonly address: string }>();
  for (const { type, address = '' } of all) {
    const family = familyOf(address);
    const known = found.get(family);
    if (known === undefined || (known.type === 'InternalIP' && type === 'ExternalIP'))
      found.set(family, { type, address });
  }
  return new Map([...found].map(([family, { address }]) => [family, address]));
}
