import type { JsonObject, KubeObject } from '../../api/index.ts';

export interface ServicePort extends JsonObject {
  name?: string;
  protocol?: string;
  port: number;
  nodePort?: number;
}

/** The fields of a Service's spec that allocation reads and writes. */
export interface ServiceSpec extends JsonObject {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ports?: ServicePort[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  selector?: Record<string, string>;
  externalTrafficPolicy?: string;
  healthCheckNodePort?: number;
  allocateLoadBalancerNodePorts?: boolean;
}

export function serviceSpec(object: JsonObject | KubeObject): ServiceSpec {
  return ((object as JsonObject)['spec'] ?? {}) as ServiceSpec;
}

export const typeOf = (spec: ServiceSpec): string => spec.type ?? 'ClusterIP';
export const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIP === 'None';
export const hasAddress = (spec: ServiceSpec): boolean => typeOf(spec) !== 'ExternalName';
export const needsAddress = (spec: ServiceSpec): boolean => hasAddress(spec) && !isHeadless(spec);

/** Whether node ports belong to the Service. A load balancer may do without. */
export function needsNodePorts(spec: ServiceSpec): boolean {
  return (
    typeOf(spec) === 'NodePort' || (typeOf(spec) === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  );
}

export const mayHaveNodePorts = (spec: ServiceSpec): boolean =>
  typeOf(spec) === 'NodePort' || typeOf(spec) === 'LoadBalancer';
export const needsHealthPort = (spec: ServiceSpec): boolean =>
  typeOf(spec) === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** The addresses that the Service holds. */
export function addressesOf(spec: ServiceSpec): string[] {
  if (!needsAddress(spec)) return [];
  const all = spec.clusterIPs !== undefined && spec.clusterIPs.length > 0 ? spec.clusterIPs : [spec.clusterIP ?? ''];
  return all.filter((address) => address !== '' && address !== 'None');
}

/** The node ports that the Service holds, health check included. */
export function nodePortsOf(spec: ServiceSpec): number[] {
  const ports = mayHaveNodePorts(spec) ? (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0) : [];
  if (needsHealthPort(spec)) ports.push(spec.healthCheckNodePort ?? 0);
  return [...new Set(ports.filter((port) => port !== 0))];
}
