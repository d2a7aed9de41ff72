/** API services: who serves which group version. */
import { definedMembers } from '../../object.ts';
import type { APIService, APIServiceSpec, Sent } from '../../objects/index.ts';
import {
  dns1035Label,
  dns1123Subdomain,
  type FieldError,
  invalid,
  pathSegmentName,
  portNumber,
  required,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, each, invalids, isSet, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { base64Length } from '../core/index.ts';
import { statusSubresource, strategy } from '../strategy.ts';

const groupPriorityMax = 20_000;
const versionPriorityMax = 1_000;
const defaultPort = 443;

const serviceOf = (object: object): Sent<APIService> => object as Sent<APIService>;

function serverErrors(spec: Sent<APIServiceSpec>): FieldError[] {
  const { service, caBundle = '', insecureSkipTLSVerify } = spec;
  if (service === undefined) {
    return [
      ...(caBundle === ''
        ? []
        : [invalid('spec.caBundle', `${base64Length(caBundle)} bytes`, 'local APIServices may not have a caBundle')]),
      ...(insecureSkipTLSVerify === true
        ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
        : []),
    ];
  }
  const messages = portNumber(service.port ?? 0);
  return [
    ...requiredText('spec.service.namespace', service.namespace),
    ...requiredText('spec.service.name', service.name),
    ...(messages.length > 0
      ? [invalid('spec.service.port', service.port ?? 0, `port is not valid: ${messages.join(', ')}`)]
      : []),
    ...(insecureSkipTLSVerify === true && caBundle !== ''
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ];
}

function serviceErrors(object: KubeObject): FieldError[] {
  const spec = serviceOf(object).spec ?? {};
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec;
  const name = object.metadata.name ?? '';
  const wanted = `${version}.${group}`;
  return [
    ...(pathSegmentName(name).length === 0 && name !== wanted
      ? [invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)]
      : []),
    ...(group === '' && version !== 'v1'
      ? [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]
      : []),
    ...(isSet(group) ? invalids('spec.group', group, dns1123Subdomain(group)) : []),
    ...invalids('spec.version', version, dns1035Label(version)),
    ...(groupPriorityMinimum <= 0 || groupPriorityMinimum > groupPriorityMax
      ? [
          invalid(
            'spec.groupPriorityMinimum',
            groupPriorityMinimum,
            `must be positive and less than ${groupPriorityMax}`,
          ),
        ]
      : []),
    ...(versionPriority <= 0 || versionPriority > versionPriorityMax
      ? [invalid('spec.versionPriority', versionPriority, `must be positive and less than ${versionPriorityMax}`)]
      : []),
    ...serverErrors(spec),
  ];
}

function prepareForCreate(object: JsonObject): void {
  const service = serviceOf(object);
  service.status = {};
  if (service.spec?.service !== undefined) return;
  const created = service.metadata?.creationTimestamp;
  service.status.conditions = [
    definedMembers({
      type: 'Available',
      status: 'True',
      lastTransitionTime: created,
      reason: 'Local',
      message: 'Local APIServices are always available',
    }),
  ];
}

function conditionErrors(object: KubeObject): FieldError[] {
  return each('status.conditions', serviceOf(object).status?.conditions, ({ status = '' }, at) =>
    choice(`${at}.status`, status, ['True', 'False', 'Unknown']),
  );
}

function availableText(service: Sent<APIService>): string {
  const condition = service.status?.conditions?.find((item) => item.type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status ?? ''} (${condition.reason ?? ''})`;
}

export const apiregistrationBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'apiregistration.k8s.io/apiservices': {
    ...strategy({ generation: false, status: true }),
    defaults(object) {
      const service = serviceOf(object).spec?.service;
      if (service !== undefined) service.port ??= defaultPort;
    },
    prepareForCreate,
    allowUnconditionalUpdate: false,
    validate: serviceErrors,
    subresources: { status: { ...statusSubresource(), validateUpdate: conditionErrors } },
    columns: [
      nameColumn,
      column('Service', 'Service that serves the API, or Local.'),
      column('Available', 'Whether the API is available.'),
      ageColumn,
    ],
    row(object, now) {
      const service = serviceOf(object);
      const server = service.spec?.service;
      const reference = server === undefined ? 'Local' : `${server.namespace ?? ''}/${server.name ?? ''}`;
      return [object.metadata.name ?? '', reference, availableText(service), ageOf(object, now)];
    },
    nameCheck: (name, prefix = false) => pathSegmentName(name, prefix),
    metadataChecks: { changes: 1, wholes: 1 },
    plainFinalizers: true,
  },
};
