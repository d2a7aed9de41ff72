/** The addresses of the bridge that carries a node's pods. */
import { ipv4Text, parseIpv4Range } from '../../api/index.ts';

/** The bridge's own address: the first of the cluster's range. */
export function gatewayOf(clusterCidr: string): string {
  return ipv4Text((parseIpv4Range(clusterCidr)?.first ?? 0) + 1);
}
