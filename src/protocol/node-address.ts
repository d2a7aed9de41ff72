/** The addresses by which a node is reached from outside. */
import { familyOf, type IpFamily, isNodeReady, type New, type NodeStatus } from '../api/index.ts';

/**
 * By which addresses a ready node is reached from outside the cluster, one for each family that it has: its external
 * one, else its internal one. The family that the Node names first comes first. None while it is not ready.
 */
export function outsideAddresses(
  status: Pick<New<NodeStatus>, 'conditions' | 'addresses'> = {},
): ReadonlyMap<IpFamily, string> {
  if (!isNodeReady({ status })) return new Map();
  const all = (status.addresses ?? []).filter(({ type }) => type === 'ExternalIP' || type === 'InternalIP');
  const found = new Map<IpFamily, { readonly type?: string | undefined; readonly address: string }>();
  for (const { type, address = '' } of all) {
    const family = familyOf(address);
    const known = found.get(family);
    if (known === undefined || (known.type === 'InternalIP' && type === 'ExternalIP'))
      found.set(family, { type, address });
  }
  return new Map([...found].map(([family, { address }]) => [family, address]));
}
