/** The kind Ingress: defaults, validation and Table columns. */

import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressTLS,
  Sent,
  TypedLocalObjectReference,
} from '../../objects/index.ts';
import {
  dns1123Subdomain,
  dns1035Label,
  type FieldError,
  invalid,
  nameIsDnsSubdomain,
  notSupported,
  pathSegmentName,
  portName,
  portNumber,
  required,
  verbatim,
  wildcardDns1123Subdomain,
  parseAddress,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import { addressErrors } from '../addresses.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, invalids, isSet, optionalName } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { statusSubresource, strategy } from '../strategy.ts';

const classAnnotation = 'kubernetes.io/ingress.class';
const ingressOf = (object: object): Sent<Ingress> => object as Sent<Ingress>;

const hostMessages = (host: string): readonly string[] =>
  host.includes('*') ? wildcardDns1123Subdomain(host) : dns1123Subdomain(host);

/** A reference to any object of the same namespace; the group is '' for core. */
export function typedReferenceErrors(
  reference: Sent<TypedLocalObjectReference> | undefined,
  path: string,
): FieldError[] {
  if (reference === undefined) return [];
  const check = (field: 'kind' | 'name'): FieldError[] => {
    const value = reference[field];
    return isSet(value)
      ? invalids(`${path}.${field}`, value, pathSegmentName(value))
      : [required(`${path}.${field}`, `${field} is required`)];
  };
  const group = reference.apiGroup;
  return [
    ...(group === undefined ? [] : invalids(`${path}.apiGroup`, group, dns1123Subdomain(group))),
    ...check('kind'),
    ...check('name'),
  ];
}

function backendErrors(backend: Sent<IngressBackend> | undefined, path: string): FieldError[] {
  const { service, resource } = backend ?? {};
  if (service !== undefined && resource !== undefined)
    return [invalid(path, '', 'cannot set both resource and service backends')];
  if (resource !== undefined) return typedReferenceErrors(resource, `${path}.resource`);
  if (service === undefined) return [invalid(path, '', 'resource or service backend is required')];
  const errors = isSet(service.name)
    ? invalids(`${path}.service.name`, service.name, dns1035Label(service.name))
    : [required(`${path}.service.name`)];
  const { name, number = 0 } = service.port ?? {};
  if (isSet(name) && number !== 0) return [...errors, invalid(path, '', 'cannot set both port name & port number')];
  if (isSet(name)) return [...errors, ...invalids(`${path}.service.port.name`, name, portName(name))];
  if (number !== 0) return [...errors, ...invalids(`${path}.service.port.number`, number, portNumber(number))];
  return [...errors, required(path, 'port name or number is required')];
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const refusedParts = ['//', '/./', '/../', '%2f', '%2F'];
const refusedEnds = ['/..', '/.'];

function pathErrors(item: Sent<HTTPIngressPath>, at: string): FieldError[] {
  const path = item.path ?? '';
  const type = item.pathType;
  if (type === undefined) return [required(`${at}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  const absolute = path.startsWith('/');
  if (type === 'Exact' || type === 'Prefix') {
    if (!absolute) errors.push(invalid(`${at}.path`, path, 'must be an absolute path'));
    errors.push(
      ...refusedParts
        .filter((part) => path.includes(part))
        .map((part) => invalid(`${at}.path`, path, `must not contain '${part}'`)),
    );
    errors.push(
      ...refusedEnds
        .filter((end) => path.endsWith(end))
        .map((end) => invalid(`${at}.path`, path, `cannot end with '${end}'`)),
    );
  } else if (type === 'ImplementationSpecific') {
    if (path !== '' && !absolute) errors.push(invalid(`${at}.path`, path, 'must be an absolute path'));
  } else errors.push(notSupported(`${at}.pathType`, type, pathTypes));
  return [...errors, ...backendErrors(item.backend, `${at}.backend`)];
}

function ruleErrors(rule: Sent<IngressRule>, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (isSet(rule.host)) {
    if (parseAddress(rule.host) !== undefined)
      errors.push(invalid(`${at}.host`, rule.host, 'must be a DNS name, not an IP address'));
    errors.push(...invalids(`${at}.host`, rule.host, hostMessages(rule.host)));
  }
  if (rule.http === undefined) return errors;
  const paths = rule.http.paths ?? [];
  return [
    ...errors,
    ...(paths.length === 0 ? [required(`${at}.http.paths`)] : each(`${at}.http.paths`, paths, pathErrors)),
  ];
}

function tlsErrors(tls: Sent<IngressTLS>, at: string): FieldError[] {
  return [
    ...each(`${at}.hosts`, tls.hosts, (host, path) => invalids(path, host, hostMessages(host))),
    ...optionalName(`${at}.secretName`, tls.secretName, (name) => nameIsDnsSubdomain(name, false)),
  ];
}

function specErrors(object: KubeObject): FieldError[] {
  const { rules = [], defaultBackend, tls, ingressClassName } = ingressOf(object).spec ?? {};
  const empty = rules.length === 0 && defaultBackend === undefined;
  return [
    ...(empty
      ? [
          invalid(
            'spec',
            verbatim('[]networking.IngressRule(nil)'),
            'either `defaultBackend` or `rules` must be specified',
          ),
        ]
      : []),
    ...(defaultBackend === undefined ? [] : backendErrors(defaultBackend, 'spec.defaultBackend')),
    ...each('spec.rules', rules, ruleErrors),
    ...each('spec.tls', tls, tlsErrors),
    ...(ingressClassName === undefined
      ? []
      : invalids('spec.ingressClassName', ingressClassName, nameIsDnsSubdomain(ingressClassName, false))),
  ];
}

function createErrors(object: KubeObject): FieldError[] {
  const annotation = object.metadata.annotations?.[classAnnotation];
  const className = ingressOf(object).spec?.ingressClassName;
  const differ = annotation !== undefined && className !== undefined && annotation !== className;
  return [
    ...specErrors(object),
    ...(differ
      ? [invalid(`annotations.${classAnnotation}`, annotation, 'must match `ingressClassName` when both are specified')]
      : []),
  ];
}

function statusErrors(object: KubeObject): FieldError[] {
  return each('status.loadBalancer.ingress', ingressOf(object).status?.loadBalancer?.ingress, (ingress, at) => [
    ...(isSet(ingress.ip) ? addressErrors(`${at}.ip`, ingress.ip) : []),
    ...optionalName(`${at}.hostname`, ingress.hostname, dns1123Subdomain),
    ...(isSet(ingress.hostname) && parseAddress(ingress.hostname) !== undefined
      ? [invalid(`${at}.hostname`, ingress.hostname, 'must be a DNS name, not an IP address')]
      : []),
  ]);
}

const hostsMax = 3;

function hostsText(rules: readonly Sent<IngressRule>[]): string {
  const named = rules.flatMap(({ host = '' }, index) => (host === '' ? [] : [{ host, index }])).slice(0, hostsMax);
  if (named.length === 0) return '*';
  const shown = named.map(({ host }) => host).join(',');
  // Rules without a host count as well once no more hosts are shown.
  const more = named.length === hostsMax && (named.at(-1)?.index ?? 0) < rules.length - 1;
  return more ? `${shown} + ${rules.length - hostsMax} more...` : shown;
}

function loadBalancerText(ingress: Sent<Ingress>): string {
  const addresses = (ingress.status?.loadBalancer?.ingress ?? [])
    .map((entry) => entry.ip || entry.hostname || '')
    .filter((text) => text !== '');
  return [...new Set(addresses)].sort().join(',');
}

export const ingressBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  validate: createErrors,
  warnings(object, old) {
    const deprecated = old === undefined && object.metadata.annotations?.[classAnnotation] !== undefined;
    return deprecated
      ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [];
  },
  validateUpdate: specErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  subresources: { status: { ...statusSubresource(), validateUpdate: statusErrors } },
  columns: [
    nameColumn,
    column('Class', 'IngressClass of the Ingress.'),
    column('Hosts', 'Host names of the rules.'),
    column('Address', 'Address at which the Ingress can be reached.'),
    column('Ports', 'Ports that the Ingress listens on.'),
    ageColumn,
  ],
  row(object, now) {
    const ingress = ingressOf(object);
    const { rules = [], tls = [], ingressClassName } = ingress.spec ?? {};
    return [
      object.metadata.name ?? '',
      ingressClassName ?? '<none>',
      hostsText(rules),
      loadBalancerText(ingress),
      tls.length > 0 ? '80, 443' : '80',
      ageOf(object, now),
    ];
  },
};
