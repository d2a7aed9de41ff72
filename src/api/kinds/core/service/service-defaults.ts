/** The defaults of a Service. */

import type { JsonObject } from '../../../object.ts';
import { isExternal, isLoadBalancer, serviceOf } from './service-type.ts';

const affinityTimeoutSeconds = 10_800;

/** Upstream's defaults of a Service; addresses and ports are allocated elsewhere. */
export function defaultService(object: JsonObject): void {
  const service = serviceOf(object);
  const spec = (service.spec ??= {});
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinityTimeoutSeconds } };
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '')
      port.targetPort = port.port ?? 0;
  }
  if (isExternal(service)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (!isLoadBalancer(service)) return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? [])
    if (ingress.ip !== undefined && ingress.ip !== '') ingress.ipMode ??= 'VIP';
}
