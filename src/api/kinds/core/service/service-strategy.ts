/** Prepares a Service for create and update. */

import {
  needsHealthCheckPort,
  needsNodePorts,
  type Sent,
  type Service,
  type ServiceSpec,
} from '../../../objects/index.ts';
import { deepEqual } from '../../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../../object.ts';

import { keepField, keepMetadata } from '../../strategy.ts';
import { isExternal, isLoadBalancer, needsClusterAddress, serviceOf } from './service-type.ts';

export function prepareForCreate(object: JsonObject): void {
  const service = serviceOf(object);
  const spec = (service.spec ??= {});
  service.status = { loadBalancer: {} };
  if ((spec.clusterIP ?? '') !== '' && (spec.clusterIPs?.length ?? 0) === 0) spec.clusterIPs = [spec.clusterIP ?? ''];
}

/** A client that knows only `clusterIP` changes both fields with it. */
function joinAddresses(spec: Sent<ServiceSpec>, old: Sent<ServiceSpec>): void {
  if ((old.clusterIPs?.length ?? 0) > 0 && (spec.clusterIPs?.length ?? 0) === 0 && old.clusterIP === spec.clusterIP)
    spec.clusterIPs = [...(old.clusterIPs ?? [])];
  if ((old.clusterIP ?? '') === (spec.clusterIP ?? '') || !deepEqual(old.clusterIPs ?? [], spec.clusterIPs ?? []))
    return;
  if ((spec.clusterIP ?? '') === '') delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP ?? ''];
}

/** What was allocated and is not mentioned stays. */
function keepAllocated(service: Sent<Service>, old: Sent<Service>): void {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  if (needsClusterAddress(old) && needsClusterAddress(service)) {
    if ((spec.clusterIP ?? '') === '' && before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
    if ((spec.clusterIPs?.length ?? 0) === 0 && spec.clusterIP === before.clusterIP && before.clusterIPs !== undefined)
      spec.clusterIPs = [...before.clusterIPs];
  }
  if (needsHealthCheckPort(before) && needsHealthCheckPort(spec) && before.healthCheckNodePort !== undefined)
    spec.healthCheckNodePort ||= before.healthCheckNodePort;
  if (!needsNodePorts(before) || !needsNodePorts(spec)) return;
  const numbers = (of: Sent<ServiceSpec>): (number | undefined)[] => (of.ports ?? []).map((port) => port.nodePort);
  const used = new Set(numbers(before).filter((number) => numbers(spec).includes(number)));
  for (const port of spec.ports ?? []) {
    if ((port.nodePort ?? 0) !== 0) continue;
    const known = before.ports?.find((other) => (other.name ?? '') === (port.name ?? ''))?.nodePort;
    if (known === undefined || used.has(known)) continue;
    port.nodePort = known;
    used.add(known);
  }
}

type Need = (service: Sent<Service>) => boolean;

/** Fields that some types alone have: they go with the type unless the client changed them as well. */
const dependent: readonly (readonly [Need, readonly (keyof Sent<ServiceSpec>)[]])[] = [
  [({ spec }) => needsHealthCheckPort(spec ?? {}), ['healthCheckNodePort']],
  [isLoadBalancer, ['allocateLoadBalancerNodePorts']],
  [isLoadBalancer, ['loadBalancerClass']],
  [isExternal, ['externalTrafficPolicy']],
];

function dropDependent(service: Sent<Service>, old: Sent<Service>): void {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  if (needsClusterAddress(old) && !needsClusterAddress(service)) {
    if (deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? [])) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    for (const field of ['ipFamilies', 'ipFamilyPolicy'] as const)
      if (deepEqual(spec[field], before[field])) delete spec[field];
  }
  if (needsNodePorts(before) && !needsNodePorts(spec)) {
    const known = new Set([0, ...(before.ports ?? []).map((port) => port.nodePort ?? 0)]);
    if ((spec.ports ?? []).every((port) => known.has(port.nodePort ?? 0)))
      for (const port of spec.ports ?? []) delete port.nodePort;
  }
  for (const [need, fields] of dependent) {
    if (!need(old) || need(service)) continue;
    for (const field of fields) if (deepEqual(spec[field], before[field])) delete spec[field];
  }
  // Whoever wrote the addresses may take them away later than anybody should use them.
  if (!isLoadBalancer(service) && (service.status?.loadBalancer?.ingress?.length ?? 0) > 0)
    service.status = { ...service.status, loadBalancer: {} };
}

export function prepareForUpdate(object: JsonObject, old: KubeObject): void {
  const [service, before] = [serviceOf(object), serviceOf(old)];
  const spec = (service.spec ??= {});
  keepField(object, old, 'status');
  keepMetadata(object, old, 'generation');
  joinAddresses(spec, before.spec ?? {});
  keepAllocated(service, before);
  dropDependent(service, before);
}
