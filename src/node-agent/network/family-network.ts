/** One address family of the cluster, as its nodes serve it. */
import { addressIn, type IpFamily, type Network, parseCidr } from '../../api/index.ts';
import { assert } from '../../base/index.ts';

/** A cluster has one or two of them; the first is the default one. */
export interface FamilyNetwork {
  readonly family: IpFamily;
  /** The range of all pods, and that of Services. */
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** The address of cluster DNS, inside of the service range. */
  readonly dnsAddress: string;
}

/** A range that was checked when it came in. */
export function rangeOf(text: string): Network {
  const network = parseCidr(text);
  assert(network !== undefined, `${text} is a range of addresses`);
  return network;
}

/** The bridge's own address: the first of the cluster's range. */
export const gatewayOf = (clusterCidr: string): string => addressIn(rangeOf(clusterCidr), 1n);
