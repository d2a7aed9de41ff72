/** Validates the spec of a PersistentVolumeClaim. */

import type {
  ObjectMeta,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  Sent,
  TypedObjectReference,
} from '../../objects/index.ts';
import {
  deepEqual,
  dns1123Label,
  dns1123Subdomain,
  type FieldError,
  forbidden,
  invalid,
  nameIsDnsSubdomain,
  required,
  validateAnnotations,
  validateLabels,
  validateLabelSelector,
  verbatim,
} from '../../machinery/index.ts';
import { choice, invalids, isSet, optionalName, requiredText } from '../checks.ts';
import { positiveQuantity } from '../quantities.ts';
import { accessModeErrors, volumeModes } from './access-modes.ts';

interface ClaimSpecOptions {
  /** The stored claim already names a group that would be refused today. */
  readonly lenientSourceGroup?: boolean;
}

function dataSourceErrors(
  source: Sent<TypedObjectReference> | undefined,
  path: string,
  options: ClaimSpecOptions,
): FieldError[] {
  if (source === undefined) return [];
  const group = source.apiGroup ?? '';
  const errors = [...requiredText(`${path}.name`, source.name), ...requiredText(`${path}.kind`, source.kind)];
  if (group === '' && source.kind !== 'PersistentVolumeClaim') {
    errors.push(
      invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"),
    );
  }
  if (group !== '' && options.lenientSourceGroup !== true)
    errors.push(...invalids(`${path}.apiGroup`, group, dns1123Subdomain(group)));
  return [...errors, ...optionalName(`${path}.namespace`, source.namespace, dns1123Label)];
}

/** Upstream shows the path itself as the value. */
const sourcePath = verbatim('field.Path{name:"dataSource"}');

function sourcePairErrors(spec: Sent<PersistentVolumeClaimSpec>, path: string): FieldError[] {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource === undefined || dataSourceRef === undefined) return [];
  if (isSet(dataSourceRef.namespace))
    return [invalid(path, sourcePath, 'may not be specified when dataSourceRef.namespace is specified')];
  const same =
    deepEqual(dataSource.apiGroup, dataSourceRef.apiGroup) &&
    dataSource.kind === dataSourceRef.kind &&
    dataSource.name === dataSourceRef.name;
  return same ? [] : [invalid(path, sourcePath, 'must match dataSourceRef')];
}

/** Checks the spec of a claim, wherever it stands. */
export function claimSpecErrors(
  spec: Sent<PersistentVolumeClaimSpec>,
  path: string,
  options: ClaimSpecOptions = {},
): FieldError[] {
  const storage = spec.resources?.requests?.['storage'];
  return [
    ...((spec.accessModes?.length ?? 0) === 0
      ? [required(`${path}.accessModes`, 'at least 1 access mode is required')]
      : []),
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...accessModeErrors(spec.accessModes, `${path}.accessModes`),
    ...(storage === undefined
      ? [required(`${path}.resources[storage]`)]
      : positiveQuantity(`${path}.resources[storage]`, storage)),
    ...optionalName(`${path}.storageClassName`, spec.storageClassName, (name) => nameIsDnsSubdomain(name, false)),
    ...choice(`${path}.volumeMode`, spec.volumeMode, volumeModes),
    ...dataSourceErrors(spec.dataSource, `${path}.dataSource`, options),
    ...dataSourceErrors(spec.dataSourceRef, `${path}.dataSourceRef`, options),
    ...sourcePairErrors(spec, path),
  ];
}

const templateMetadata = new Set(['annotations', 'labels', 'creationTimestamp']);

/** Metadata of what is made from a template carries labels and annotations only. */
export function templateMetadataErrors(metadata: Sent<ObjectMeta>, path: string): FieldError[] {
  const others = Object.entries(metadata).filter(
    ([field, value]) => !templateMetadata.has(field) && value !== undefined && value !== '',
  );
  return [
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...others.map(([field]) => forbidden(`${path}.${field}`, 'cannot be set')),
  ];
}

/** Checks a claim inside a pod or StatefulSet. */
export function claimTemplateErrors(template: Sent<PersistentVolumeClaimTemplate>, path: string): FieldError[] {
  return [
    ...templateMetadataErrors(template.metadata ?? {}, `${path}.metadata`),
    ...claimSpecErrors(template.spec ?? {}, `${path}.spec`),
  ];
}
