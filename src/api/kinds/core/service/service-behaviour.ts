/** The kind Service: defaults, validation and Table columns. */

import { needsHealthCheckPort, type Sent, type Service } from '../../../objects/index.ts';
import { type FieldError, forbidden, nameIsDns1035Label } from '../../../machinery/index.ts';
import { addressWarnings, cidrWarnings } from '../../addresses.ts';
import type { KindBehaviour } from '../../behaviour.ts';
import { ageColumn, ageOf, column, labelsText, nameColumn } from '../../columns.ts';
import { statusSubresource } from '../../strategy.ts';
import { addressUpdateErrors } from './service-addresses-validation.ts';
import { defaultService } from './service-defaults.ts';
import { completeFamilies } from './service-families.ts';
import { prepareForCreate, prepareForUpdate } from './service-strategy.ts';
import { serviceOf } from './service-type.ts';
import { serviceErrors, serviceStatusErrors } from './service-validation.ts';
import { serviceQuota } from './service-quota.ts';

function updateErrors(service: Sent<Service>, old: Sent<Service>): FieldError[] {
  const errors = addressUpdateErrors(service, old);
  const [port, before] = [service.spec?.healthCheckNodePort ?? 0, old.spec?.healthCheckNodePort ?? 0];
  if (needsHealthCheckPort(service.spec ?? {}) && needsHealthCheckPort(old.spec ?? {}) && port !== before)
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  return [...errors, ...serviceErrors(service)];
}

const topologyHints = 'service.kubernetes.io/topology-aware-hints';

function serviceWarnings({ metadata, spec = {} }: Sent<Service>): string[] {
  const headless = spec.clusterIP === 'None';
  const warnings: string[] = [];
  if (metadata?.annotations?.[topologyHints] !== undefined)
    warnings.push(`annotation ${topologyHints} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  if (!headless)
    warnings.push(...(spec.clusterIPs ?? []).flatMap((ip, index) => addressWarnings(`spec.clusterIPs[${index}]`, ip)));
  if (headless && (spec.loadBalancerIP ?? '') !== '')
    warnings.push('spec.loadBalancerIP is ignored for headless services');
  if (headless && (spec.externalIPs?.length ?? 0) > 0)
    warnings.push('spec.externalIPs is ignored for headless services');
  if (headless && spec.sessionAffinity !== 'None')
    warnings.push('spec.SessionAffinity is ignored for headless services');
  warnings.push(...(spec.externalIPs ?? []).flatMap((ip, index) => addressWarnings(`spec.externalIPs[${index}]`, ip)));
  if ((spec.loadBalancerIP ?? '') !== '')
    warnings.push(...addressWarnings('spec.loadBalancerIP', spec.loadBalancerIP ?? ''));
  warnings.push(
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, index) =>
      cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range.trim()),
    ),
  );
  if (spec.type === 'ExternalName' && (spec.externalIPs?.length ?? 0) > 0)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== 'ExternalName' && (spec.externalName ?? '') !== '')
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  return warnings;
}

function externalAddressText({ spec = {}, status = {} }: Sent<Service>): string {
  const external = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  const balanced = (status.loadBalancer?.ingress ?? [])
    .map((ingress) => ingress.ip || ingress.hostname || '')
    .filter((text) => text !== '');
  return [[...new Set(balanced)].sort().join(','), ...external].filter((text) => text !== '').join(',') || '<pending>';
}

function portsText({ spec = {} }: Sent<Service>): string {
  const texts = (spec.ports ?? []).map(
    (port) => `${port.port ?? 0}${(port.nodePort ?? 0) > 0 ? `:${port.nodePort}` : ''}/${port.protocol ?? ''}`,
  );
  return texts.join(',') || '<none>';
}

export const serviceBehaviour: KindBehaviour = {
  quota: serviceQuota,
  deletionAnswersObject: true,
  allocates: 'service-addresses',
  defaults: defaultService,
  prepareForCreate,
  prepareForUpdate,
  beginAllocation: (object, families, old) =>
    completeFamilies(serviceOf(object), old === undefined ? undefined : serviceOf(old), families),
  validate: (object) => serviceErrors(serviceOf(object)),
  validateUpdate: (object, old) => updateErrors(serviceOf(object), serviceOf(old)),
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object) => serviceWarnings(serviceOf(object)),
  subresources: {
    status: { ...statusSubresource(), validateUpdate: (object) => serviceStatusErrors(serviceOf(object)) },
  },
  selectableFields: (object) => ({
    'spec.clusterIP': serviceOf(object).spec?.clusterIP ?? '',
    'spec.type': serviceOf(object).spec?.type ?? '',
  }),
  columns: [
    nameColumn,
    column('Type', 'How the service is exposed.'),
    column('Cluster-IP', 'IP address inside the cluster.'),
    column('External-IP', 'IP addresses outside the cluster.'),
    column('Port(s)', 'Ports of the service, with their node ports.'),
    ageColumn,
    column('Selector', 'Label selector of the pods that receive its traffic.', { priority: 1 }),
  ],
  row(object, now) {
    const service = serviceOf(object);
    const { spec = {} } = service;
    return [
      object.metadata.name ?? '',
      spec.type ?? '',
      spec.clusterIPs?.[0] ?? '<none>',
      externalAddressText(service),
      portsText(service),
      ageOf(object, now),
      labelsText(spec.selector),
    ];
  },
  allowCreateOnUpdate: true,
  nameCheck: (name, prefix = false) => nameIsDns1035Label(name, prefix),
};
