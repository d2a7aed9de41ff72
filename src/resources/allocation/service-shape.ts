/** The parts of a Service that allocation reads and writes. */
import {
  isHeadless,
  type JsonObject,
  type KubeObject,
  needsHealthCheckPort,
  type Sent,
  type ServiceSpec,
} from '../../api/index.ts';

/** The spec of a Service that may still change. */
export type SentServiceSpec = Sent<ServiceSpec>;

export function serviceSpec(object: JsonObject | KubeObject): SentServiceSpec {
  return ((object as JsonObject)['spec'] ?? {}) as SentServiceSpec;
}

const typeOf = (spec: SentServiceSpec): string => spec.type ?? 'ClusterIP';
const hasAddress = (spec: SentServiceSpec): boolean => typeOf(spec) !== 'ExternalName';
export const needsAddress = (spec: SentServiceSpec): boolean => hasAddress(spec) && !isHeadless(spec);

export const mayHaveNodePorts = (spec: SentServiceSpec): boolean =>
  typeOf(spec) === 'NodePort' || typeOf(spec) === 'LoadBalancer';

/** The addresses that the Service holds. */
export function addressesOf(spec: SentServiceSpec): string[] {
  if (!needsAddress(spec)) return [];
  const all = spec.clusterIPs !== undefined && spec.clusterIPs.length > 0 ? spec.clusterIPs : [spec.clusterIP ?? ''];
  return all.filter((address) => address !== '' && address !== 'None');
}

/** The node ports that the Service holds, health check included. */
export function nodePortsOf(spec: SentServiceSpec): number[] {
  const ports = mayHaveNodePorts(spec) ? (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0) : [];
  if (needsHealthCheckPort(spec)) ports.push(spec.healthCheckNodePort ?? 0);
  return [...new Set(ports.filter((port) => port !== 0))];
}
