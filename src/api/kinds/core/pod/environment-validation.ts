/** Validates the environment variables of a container. */

import type { Container, EnvFromSource, EnvVar, Sent } from '../../../objects/index.ts';
import {
  configMapKey,
  type FieldError,
  invalid,
  nameIsDnsSubdomain,
  relaxedEnvironmentVariableName,
  required,
} from '../../../machinery/index.ts';
import { each, invalids, isSet, optionalName, requiredName } from '../../checks.ts';
import { fieldReferenceErrors, resourceReferenceErrors } from './field-reference-validation.ts';

const environmentFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function keyReferenceErrors(reference: { name?: string; key?: string } | undefined, path: string): FieldError[] {
  if (reference === undefined) return [];
  const name = reference.name ?? '';
  return [
    ...invalids(`${path}.name`, name, nameIsDnsSubdomain(name, false)),
    ...requiredName(`${path}.key`, reference.key, configMapKey),
  ];
}

function valueFromErrors(variable: Sent<EnvVar>, path: string): FieldError[] {
  const from = variable.valueFrom;
  if (from === undefined) return [];
  const errors: FieldError[] = [];
  if (from.fieldRef !== undefined)
    errors.push(...fieldReferenceErrors(from.fieldRef, `${path}.fieldRef`, environmentFieldPaths));
  if (from.resourceFieldRef !== undefined)
    errors.push(...resourceReferenceErrors(from.resourceFieldRef, `${path}.resourceFieldRef`, { inVolume: false }));
  errors.push(
    ...keyReferenceErrors(from.configMapKeyRef, `${path}.configMapKeyRef`),
    ...keyReferenceErrors(from.secretKeyRef, `${path}.secretKeyRef`),
  );
  const count = [from.fieldRef, from.resourceFieldRef, from.configMapKeyRef, from.secretKeyRef].filter(
    (source) => source !== undefined,
  ).length;
  if (count === 0)
    errors.push(
      invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'),
    );
  else if (isSet(variable.value)) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function sourceNameErrors(source: { name?: string } | undefined, path: string): FieldError[] {
  return source === undefined
    ? []
    : requiredName(`${path}.name`, source.name, (name) => nameIsDnsSubdomain(name, true));
}

function envFromErrors(source: Sent<EnvFromSource>, at: string, listPath: string): FieldError[] {
  const errors = [
    ...optionalName(`${at}.prefix`, source.prefix, relaxedEnvironmentVariableName),
    ...sourceNameErrors(source.configMapRef, `${at}.configMapRef`),
    ...sourceNameErrors(source.secretRef, `${at}.secretRef`),
  ];
  const count = [source.configMapRef, source.secretRef].filter((value) => value !== undefined).length;
  // The list's own path is upstream's.
  if (count === 0) errors.push(invalid(listPath, '', 'must specify one of: `configMapRef` or `secretRef`'));
  else if (count > 1) errors.push(invalid(listPath, '', 'may not have more than one field specified at a time'));
  return errors;
}

/** Checks `env` and `envFrom` of a container. */
export function environmentErrors(container: Sent<Container>, path: string): FieldError[] {
  const variables = each(`${path}.env`, container.env, (variable, at) => [
    ...(isSet(variable.name)
      ? invalids(`${at}.name`, variable.name, relaxedEnvironmentVariableName(variable.name))
      : [required(`${at}.name`)]),
    ...valueFromErrors(variable, `${at}.valueFrom`),
  ]);
  const sources = each(`${path}.envFrom`, container.envFrom, (source, at) =>
    envFromErrors(source, at, `${path}.envFrom`),
  );
  return [...variables, ...sources];
}
