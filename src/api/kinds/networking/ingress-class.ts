/** The kind IngressClass: defaults, validation and Table columns. */

import type { IngressClass, IngressClassParametersReference, Sent } from '../../objects/index.ts';
import {
  dns1123Label,
  domainPrefixedPath,
  type FieldError,
  forbidden,
  immutableField,
  required,
  tooLong,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { choice, invalids, isSet } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';
import { typedReferenceErrors } from './ingress.ts';

const controllerBytesMax = 250;
const classOf = (object: object): Sent<IngressClass> => object as Sent<IngressClass>;

function parametersErrors(parameters: Sent<IngressClassParametersReference> | undefined): FieldError[] {
  if (parameters === undefined) return [];
  const path = 'spec.parameters';
  const { scope, namespace } = parameters;
  const errors = typedReferenceErrors(parameters, path);
  if (scope === undefined) return [...errors, required(`${path}.scope`)];
  errors.push(...choice(`${path}.scope`, scope, ['Cluster', 'Namespace']));
  if (scope === 'Namespace') {
    if (namespace === undefined) errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else errors.push(...invalids(`${path}.namespace`, namespace, dns1123Label(namespace)));
  }
  if (scope === 'Cluster' && namespace !== undefined)
    errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  return errors;
}

function classErrors(object: KubeObject): FieldError[] {
  const { controller = '', parameters } = classOf(object).spec ?? {};
  return [
    ...(controller.length > controllerBytesMax ? [tooLong('spec.controller', '', controllerBytesMax)] : []),
    ...(isSet(controller)
      ? invalids('spec.controller', controller, domainPrefixedPath(controller))
      : [required('spec.controller')]),
    ...parametersErrors(parameters),
  ];
}

function parametersText(parameters: Sent<IngressClassParametersReference> | undefined): string {
  if (parameters === undefined) return '<none>';
  const group = isSet(parameters.apiGroup) ? `.${parameters.apiGroup}` : '';
  return `${parameters.kind ?? ''}${group}/${parameters.name ?? ''}`;
}

export const ingressClassBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  defaults(object) {
    const parameters = classOf(object).spec?.parameters;
    if (parameters !== undefined) parameters.scope ??= 'Cluster';
  },
  validate: classErrors,
  metadataChecks: { changes: 1, wholes: 1 },
  validateUpdate: (object, old) => [
    ...classErrors(object),
    ...immutableField(classOf(object).spec?.controller, classOf(old).spec?.controller, 'spec.controller'),
  ],
  columns: [
    nameColumn,
    column('Controller', 'Controller that implements the class.'),
    column('Parameters', 'Additional parameters for the controller.'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name ?? '',
    classOf(object).spec?.controller ?? '',
    parametersText(classOf(object).spec?.parameters),
    ageOf(object, now),
  ],
};
