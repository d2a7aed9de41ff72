/** The addresses of the bridge that carries a node's pods. */
import { addressIn, parseCidr } from '../../api/index.ts';
import { assert } from '../../base/index.ts';

/** The bridge's own address: the first of the cluster's range. */
export function gatewayOf(clusterCidr: string): string {
  const network = parseCidr(clusterCidr);
  assert(network !== undefined, `${clusterCidr} is a range of addresses`);
  return addressIn(network, 1n);
}
