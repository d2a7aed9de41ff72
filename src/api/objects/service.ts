/** Rules about Services that every component shares. */
import type { ServiceSpec } from './generated/core-v1.ts';

/** Whether the Service has no cluster address: DNS answers with its endpoints. */
export function isHeadless({ clusterIP }: { readonly clusterIP?: ServiceSpec['clusterIP'] }): boolean {
  return clusterIP === 'None';
}

/** What says how a Service is reached from outside, as sent or as stored. */
interface OutsideSpec {
  readonly type?: string | undefined;
  readonly allocateLoadBalancerNodePorts?: boolean | undefined;
  readonly externalTrafficPolicy?: string | undefined;
}

/** Whether the Service gets a node port for each of its ports. A load balancer may do without. */
export function needsNodePorts({ type, allocateLoadBalancerNodePorts }: OutsideSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

/** Whether the load balancer asks a port of each node if it has endpoints. */
export function needsHealthCheckPort({ type, externalTrafficPolicy }: OutsideSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}
