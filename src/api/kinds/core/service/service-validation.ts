/** Validates a Service. */

import {
  type LoadBalancerIngress,
  needsHealthCheckPort,
  type Sent,
  type Service,
  type ServicePort,
} from '../../../objects/index.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  portNumber,
  qualifiedName,
  required,
  validateLabels,
  parseAddress,
} from '../../../machinery/index.ts';
import { addressErrors, cidrErrors, specialAddressErrors } from '../../addresses.ts';
import { choice, each, invalids, isSet, requiredChoice } from '../../checks.ts';
import { portErrors as targetPortErrors } from '../pod/probes-validation.ts';
import { clusterAddressErrors } from './service-addresses-validation.ts';
import { isExternal, declaresNoAddress, isLoadBalancer } from './service-type.ts';

const affinityTimeoutMaxSeconds = 86_400;
const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';
const sourceRanges = 'service.beta.kubernetes.io/load-balancer-source-ranges';

function portsErrors(service: Sent<Service>): FieldError[] {
  const ports = service.spec?.ports ?? [];
  const names = new Set<string>();
  return each('spec.ports', ports, (port: Sent<ServicePort>, at) => {
    const errors: FieldError[] = [];
    if (isSet(port.name)) {
      errors.push(...invalids(`${at}.name`, port.name, dns1123Label(port.name)));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    } else if (ports.length > 1) errors.push(required(`${at}.name`));
    errors.push(...invalids(`${at}.port`, port.port ?? 0, portNumber(port.port ?? 0)));
    errors.push(...requiredChoice(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    errors.push(...targetPortErrors(`${at}.targetPort`, port.targetPort));
    if (port.appProtocol !== undefined)
      errors.push(...invalids(`${at}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol)));
    return errors;
  });
}

/** Ports clash by protocol and number. */
function portClashErrors(service: Sent<Service>): FieldError[] {
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  return each('spec.ports', service.spec?.ports, (port: Sent<ServicePort>, at) => {
    const errors: FieldError[] = [];
    const nodePort = port.nodePort ?? 0;
    if (nodePort !== 0) {
      if (service.spec?.type === 'ClusterIP')
        errors.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
      const key = `${port.protocol}/${nodePort}`;
      if (nodePorts.has(key)) errors.push(duplicate(`${at}.nodePort`, nodePort));
      nodePorts.add(key);
    }
    const key = `${port.protocol}/${port.port}`;
    if (numbers.has(key)) errors.push(duplicate(at, { protocol: port.protocol, port: port.port }));
    numbers.add(key);
    return errors;
  });
}

function typeErrors(service: Sent<Service>): FieldError[] {
  const spec = service.spec ?? {};
  const first = spec.clusterIPs?.[0];
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    return declaresNoAddress(service)
      ? [invalid('spec.clusterIPs[0]', first, `may not be set to 'None' for ${spec.type} services`)]
      : [];
  }
  if (spec.type !== 'ExternalName') return [];
  const detail = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if ((spec.clusterIPs?.length ?? 0) > 0) errors.push(forbidden('spec.clusterIPs', detail));
  if ((spec.ipFamilies?.length ?? 0) > 0) errors.push(forbidden('spec.ipFamilies', detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', detail));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  return [
    ...errors,
    ...(name === '' ? [required('spec.externalName')] : invalids('spec.externalName', name, dns1123Subdomain(name))),
  ];
}

function affinityErrors(service: Sent<Service>): FieldError[] {
  const { sessionAffinity, sessionAffinityConfig } = service.spec ?? {};
  const errors = requiredChoice('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined)
    errors.push(forbidden(path, 'must not be set when session affinity is None'));
  if (sessionAffinity !== 'ClientIP') return errors;
  const detail = 'when session affinity type is ClientIP';
  if (sessionAffinityConfig === undefined) return [...errors, required(path, detail)];
  if (sessionAffinityConfig.clientIP === undefined) return [...errors, required(`${path}.clientIP`, detail)];
  const seconds = sessionAffinityConfig.clientIP.timeoutSeconds;
  if (seconds === undefined) return [...errors, required(`${path}.clientIP.timeoutSeconds`, detail)];
  if (seconds > 0 && seconds <= affinityTimeoutMaxSeconds) return errors;
  return [
    ...errors,
    invalid(
      `${path}.clientIP.timeoutSeconds`,
      seconds,
      `must be greater than 0 and less than ${affinityTimeoutMaxSeconds}`,
    ),
  ];
}

function loadBalancerErrors(service: Sent<Service>): FieldError[] {
  const spec = service.spec ?? {};
  const balanced = isLoadBalancer(service);
  const detail = "may only be used when `type` is 'LoadBalancer'";
  const errors: FieldError[] = [];
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const annotated = service.metadata?.annotations?.[sourceRanges];
  if (ranges.length > 0) {
    if (!balanced) errors.push(forbidden('spec.LoadBalancerSourceRanges', detail));
    errors.push(...each('spec.LoadBalancerSourceRanges', ranges, (range, at) => cidrErrors(at, range.trim())));
  } else if (annotated !== undefined) {
    const path = `metadata.annotations[${sourceRanges}]`;
    if (!balanced) errors.push(forbidden(path, detail));
    if (annotated.trim() !== '')
      errors.push(
        ...annotated
          .trim()
          .split(',')
          .flatMap((range) => cidrErrors(path, range.trim())),
      );
  }
  if (!balanced && spec.allocateLoadBalancerNodePorts !== undefined)
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', detail));
  if (balanced && spec.allocateLoadBalancerNodePorts === undefined)
    errors.push(required('allocateLoadBalancerNodePorts'));
  if (spec.loadBalancerClass === undefined) return errors;
  return [
    ...errors,
    ...(balanced
      ? invalids('spec.loadBalancerClass', spec.loadBalancerClass, qualifiedName(spec.loadBalancerClass))
      : [forbidden('spec.loadBalancerClass', detail)]),
  ];
}

function trafficErrors(service: Sent<Service>): FieldError[] {
  const {
    externalTrafficPolicy,
    internalTrafficPolicy,
    healthCheckNodePort = 0,
    trafficDistribution,
    type,
  } = service.spec ?? {};
  const errors: FieldError[] = [];
  if (isExternal(service))
    errors.push(...requiredChoice('spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local']));
  else if (isSet(externalTrafficPolicy))
    errors.push(
      invalid(
        'spec.externalTrafficPolicy',
        externalTrafficPolicy,
        'may only be set for externally-accessible services',
      ),
    );
  if (healthCheckNodePort !== 0) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (needsHealthCheckPort(service.spec ?? {}))
      errors.push(...invalids('spec.healthCheckNodePort', healthCheckNodePort, portNumber(healthCheckNodePort)));
    else errors.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, detail));
  }
  if (
    internalTrafficPolicy === undefined &&
    type !== undefined &&
    type !== 'ExternalName' &&
    ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(type)
  )
    errors.push(required('spec.internalTrafficPolicy'));
  errors.push(...choice('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']));
  return [...errors, ...choice('spec.trafficDistribution', trafficDistribution, ['PreferClose'])];
}

function topologyErrors(service: Sent<Service>): FieldError[] {
  const annotations = service.metadata?.annotations ?? {};
  const [hints, mode] = [annotations[topologyHints], annotations[topologyMode]];
  if (hints === undefined || mode === undefined || hints === mode) return [];
  return [
    invalid(
      `metadata.annotations[${topologyMode}]`,
      mode,
      `must match annotations[${topologyHints}] when both are specified`,
    ),
  ];
}

/** Errors of a Service, new or changed. */
export function serviceErrors(service: Sent<Service>): FieldError[] {
  const spec = service.spec ?? {};
  const portless = (spec.ports?.length ?? 0) === 0 && !declaresNoAddress(service) && spec.type !== 'ExternalName';
  return [
    ...topologyErrors(service),
    ...(portless ? [required('spec.ports')] : []),
    ...typeErrors(service),
    ...portsErrors(service),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...affinityErrors(service),
    ...clusterAddressErrors(service),
    ...each('spec.externalIPs', spec.externalIPs, (ip, at) => {
      const errors = addressErrors(at, ip);
      return errors.length > 0 ? errors : specialAddressErrors(at, ip);
    }),
    ...requiredChoice('spec.type', spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...portClashErrors(service),
    ...loadBalancerErrors(service),
    ...trafficErrors(service),
  ];
}

function ingressErrors(ingress: Sent<LoadBalancerIngress>, path: string): FieldError[] {
  const { ip, ipMode, hostname } = ingress;
  const errors = isSet(ip) ? addressErrors(`${path}.ip`, ip) : [];
  if (ipMode === undefined) {
    if (isSet(ip)) errors.push(required(`${path}.ipMode`, 'must be specified when `ip` is set'));
  } else if (!isSet(ip)) errors.push(forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set'));
  else if (ipMode !== 'VIP' && ipMode !== 'Proxy')
    errors.push(notSupported(`${path}.ipMode`, ipMode, ['Proxy', 'VIP']));
  if (!isSet(hostname)) return errors;
  errors.push(...invalids(`${path}.hostname`, hostname, dns1123Subdomain(hostname)));
  if (parseAddress(hostname) !== undefined)
    errors.push(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  return errors;
}

/** Errors of a write to a Service's status. */
export function serviceStatusErrors(service: Sent<Service>): FieldError[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const path = 'status.loadBalancer.ingress';
  if (ingress.length > 0 && !isLoadBalancer(service))
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  return each(path, ingress, ingressErrors);
}
