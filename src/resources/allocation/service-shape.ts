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
  return typeOf(spec) === 'NodePort' || (typeOf(spec) === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

export const mayHaveNodePorts = (spec: ServiceSpec): boolean => typeOf(spec) === 'NodePort' || typeOf(spec) === 'LoadBalancer';
export const needsHealthPort = (spec: ServiceSpec): boolean => typeOf(spec) === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

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

/** Fills in the address families as a cluster with IPv4 addresses has them (upstream initIPFamilyFields). */
export function settleFamilies(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (!hasAddress(spec)) {
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
    return;
  }
  if (old !== undefined && hasAddress(old)) {
    spec.ipFamilyPolicy ??= old.ipFamilyPolicy ?? 'SingleStack';
    if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = [...(old.ipFamilies ?? ['IPv4'])];
    return;
  }
  const anywhere = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= anywhere ? 'RequireDualStack' : 'SingleStack';
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = ['IPv4'];
  if (anywhere && spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies?.length === 1) {
    spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  }
}

/** The one address and the list of addresses say the same, as far as the client has not made them differ. */
export function settleAddresses(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (old === undefined) {
    if ((spec.clusterIP ?? '') !== '' && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP ?? ''];
    return;
  }
  if (hasAddress(old) && hasAddress(spec)) {
    if ((spec.clusterIP ?? '') === '' && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.clusterIP && old.clusterIPs !== undefined) spec.clusterIPs = [...old.clusterIPs];
  }
  if ((spec.clusterIP ?? '') === (old.clusterIP ?? '') || JSON.stringify(spec.clusterIPs ?? []) !== JSON.stringify(old.clusterIPs ?? [])) return;
  if ((spec.clusterIP ?? '') === '') delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP ?? ''];
}

/** An update that leaves node ports out means those that the Service has, port by name. */
export function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsHealthPort(old) && needsHealthPort(spec) && (spec.healthCheckNodePort ?? 0) === 0 && old.healthCheckNodePort !== undefined) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
  if (!needsNodePorts(old) || !needsNodePorts(spec)) return;
  const given = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0));
  const used = new Set((old.ports ?? []).map(({ nodePort }) => nodePort ?? 0).filter((port) => port !== 0 && given.has(port)));
  for (const port of spec.ports ?? []) {
    if ((port.nodePort ?? 0) !== 0) continue;
    const before = (old.ports ?? []).find(({ name = '' }) => name === (port.name ?? ''))?.nodePort ?? 0;
    if (before === 0 || used.has(before)) continue;
    port.nodePort = before;
    used.add(before);
  }
}

/** What belonged to the old type only goes with it, unless the client has set it anew (upstream dropTypeDependentFields). */
export function dropOldType(spec: ServiceSpec, old: ServiceSpec): void {
  const sameAddresses = spec.clusterIP === old.clusterIP && JSON.stringify(spec.clusterIPs ?? []) === JSON.stringify(old.clusterIPs ?? []);
  if (hasAddress(old) && !hasAddress(spec) && sameAddresses) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  const portsOf = (one: ServiceSpec): string => JSON.stringify((one.ports ?? []).map(({ nodePort }) => nodePort ?? 0));
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && portsOf(spec) === portsOf(old)) for (const port of spec.ports ?? []) delete port.nodePort;
  if (needsHealthPort(old) && !needsHealthPort(spec) && spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort;
}
