import { deepEqual } from '../../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../../object.ts';
import { parseAddress } from '../../addresses.ts';
import { keepField, keepMetadata } from '../../strategy.ts';
import type { Service, ServiceSpec } from '../../types/core.ts';
import { isExternal, isHeadless, isLoadBalancer, needsClusterAddress, needsHealthCheckPort, needsNodePorts, serviceOf } from './service-type.ts';

/** The cluster hands out addresses of one family. */
const clusterFamily = 'IPv4';
const otherFamily = (family: string | undefined): string => (family === 'IPv4' ? 'IPv6' : 'IPv4');

/** Fills in families and their policy as a cluster of one family does. */
export function defaultAddressFamilies(service: Service): void {
  const spec = (service.spec ??= {});
  if (!needsClusterAddress(service)) return;
  if (isHeadless(service) && Object.keys(spec.selector ?? {}).length === 0) {
    // Nobody checks where such names lead, so both families are let through.
    const families = (spec.ipFamilies ??= [clusterFamily]);
    if (families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') families.push(otherFamily(families[0]));
    spec.ipFamilyPolicy ??= families.length > 1 ? 'RequireDualStack' : 'SingleStack';
    return;
  }
  const given = (spec.clusterIPs ?? []).map((ip) => parseAddress(ip)?.family).filter((family) => family !== undefined);
  if ((spec.ipFamilies?.length ?? 0) === 0) spec.ipFamilies = given.length > 0 ? given : [clusterFamily];
  spec.ipFamilyPolicy ??= (spec.ipFamilies?.length ?? 0) > 1 ? 'RequireDualStack' : 'SingleStack';
}

export function prepareForCreate(object: JsonObject): void {
  const service = serviceOf(object);
  const spec = (service.spec ??= {});
  service.status = { loadBalancer: {} };
  if ((spec.clusterIP ?? '') !== '' && (spec.clusterIPs?.length ?? 0) === 0) spec.clusterIPs = [spec.clusterIP ?? ''];
  defaultAddressFamilies(service);
}

/** A client that knows only `clusterIP` changes both fields with it. */
function joinAddresses(spec: ServiceSpec, old: ServiceSpec): void {
  if ((old.clusterIPs?.length ?? 0) > 0 && (spec.clusterIPs?.length ?? 0) === 0 && old.clusterIP === spec.clusterIP) spec.clusterIPs = [...(old.clusterIPs ?? [])];
  if ((old.clusterIP ?? '') === (spec.clusterIP ?? '') || !deepEqual(old.clusterIPs ?? [], spec.clusterIPs ?? [])) return;
  if ((spec.clusterIP ?? '') === '') delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP ?? ''];
}

/** What was allocated and is not mentioned stays. */
function keepAllocated(service: Service, old: Service): void {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  if (needsClusterAddress(old) && needsClusterAddress(service)) {
    if ((spec.clusterIP ?? '') === '' && before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
    if ((spec.clusterIPs?.length ?? 0) === 0 && spec.clusterIP === before.clusterIP && before.clusterIPs !== undefined) spec.clusterIPs = [...before.clusterIPs];
  }
  if (needsHealthCheckPort(old) && needsHealthCheckPort(service) && before.healthCheckNodePort !== undefined) spec.healthCheckNodePort ||= before.healthCheckNodePort;
  if (!needsNodePorts(old) || !needsNodePorts(service)) return;
  const numbers = (of: ServiceSpec): (number | undefined)[] => (of.ports ?? []).map((port) => port.nodePort);
  const used = new Set(numbers(before).filter((number) => numbers(spec).includes(number)));
  for (const port of spec.ports ?? []) {
    if ((port.nodePort ?? 0) !== 0) continue;
    const known = before.ports?.find((other) => (other.name ?? '') === (port.name ?? ''))?.nodePort;
    if (known === undefined || used.has(known)) continue;
    port.nodePort = known;
    used.add(known);
  }
}

type Need = (service: Service) => boolean;

/** Fields that some types alone have: they go with the type unless the client changed them as well. */
const dependent: readonly (readonly [Need, readonly (keyof ServiceSpec)[]])[] = [
  [needsHealthCheckPort, ['healthCheckNodePort']],
  [isLoadBalancer, ['allocateLoadBalancerNodePorts']],
  [isLoadBalancer, ['loadBalancerClass']],
  [isExternal, ['externalTrafficPolicy']],
];

function dropDependent(service: Service, old: Service): void {
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  if (needsClusterAddress(old) && !needsClusterAddress(service)) {
    if (deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? [])) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    for (const field of ['ipFamilies', 'ipFamilyPolicy'] as const) if (deepEqual(spec[field], before[field])) delete spec[field];
  }
  if (needsNodePorts(old) && !needsNodePorts(service)) {
    const known = new Set((before.ports ?? []).map((port) => port.nodePort ?? 0));
    if ((spec.ports ?? []).every((port) => known.has(port.nodePort ?? 0))) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  for (const [need, fields] of dependent) {
    if (!need(old) || need(service)) continue;
    for (const field of fields) if (deepEqual(spec[field], before[field])) delete spec[field];
  }
}

export function prepareForUpdate(object: JsonObject, old: KubeObject): void {
  const [service, before] = [serviceOf(object), serviceOf(old)];
  const spec = (service.spec ??= {});
  keepField(object, old, 'status');
  keepMetadata(object, old, 'generation');
  joinAddresses(spec, before.spec ?? {});
  keepAllocated(service, before);
  dropDependent(service, before);
  defaultAddressFamilies(service);
}
