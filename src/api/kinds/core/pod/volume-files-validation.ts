/** Validates volume sources made of files: Secret, ConfigMap, downward API, projected. */

import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  SecretVolumeSource,
  Sent,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../objects/index.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../../machinery/index.ts';
import { each, isSet, requiredText } from '../../checks.ts';
import { fileMode, localUnreservedPath } from '../../paths.ts';
import { fieldReferenceErrors, resourceReferenceErrors } from './field-reference-validation.ts';

const volumeFieldPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

function keyToPathErrors(item: Sent<KeyToPath>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.key`, item.key),
    ...requiredText(`${path}.path`, item.path),
    ...localUnreservedPath(`${path}.path`, item.path ?? ''),
    ...fileMode(`${path}.mode`, item.mode),
  ];
}

export function secretSourceErrors(source: Sent<SecretVolumeSource>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.secretName`, source.secretName),
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...each(`${path}.items`, source.items, keyToPathErrors),
  ];
}

export function configMapSourceErrors(source: Sent<ConfigMapVolumeSource>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.name`, source.name),
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...each(`${path}.items`, source.items, keyToPathErrors),
  ];
}

// Upstream names the list, not the item, in these errors.
function downwardFileErrors(file: Sent<DownwardAPIVolumeFile>, path: string): FieldError[] {
  const errors = [...requiredText(`${path}.path`, file.path), ...localUnreservedPath(`${path}.path`, file.path ?? '')];
  if (file.fieldRef !== undefined) {
    errors.push(...fieldReferenceErrors(file.fieldRef, `${path}.fieldRef`, volumeFieldPaths));
    if (file.resourceFieldRef !== undefined)
      errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef !== undefined) {
    errors.push(...resourceReferenceErrors(file.resourceFieldRef, `${path}.resourceFieldRef`, { inVolume: true }));
  } else {
    errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  return [...errors, ...fileMode(`${path}.mode`, file.mode)];
}

export function downwardSourceErrors(source: Sent<DownwardAPIVolumeSource>, path: string): FieldError[] {
  return [
    ...fileMode(`${path}.defaultMode`, source.defaultMode),
    ...(source.items ?? []).flatMap((file) => downwardFileErrors(file, path)),
  ];
}

interface Projected {
  readonly root: string;
  readonly taken: Set<string>;
}

function pathConflict(projected: Projected, filePath: string | undefined, shown: string): FieldError[] {
  if (!isSet(filePath)) return [];
  if (projected.taken.has(filePath)) return [invalid(projected.root, shown, 'conflicting duplicate paths')];
  projected.taken.add(filePath);
  return [];
}

function keyedProjectionErrors(
  source: { name?: string; items?: Sent<KeyToPath>[] },
  path: string,
  projected: Projected,
): FieldError[] {
  const items = each(`${path}.items`, source.items, (item, itemPath) => [
    ...keyToPathErrors(item, itemPath),
    ...pathConflict(projected, item.path, source.name ?? ''),
  ]);
  return [...requiredText(`${path}.name`, source.name), ...items];
}

function tokenProjectionErrors(
  source: Sent<ServiceAccountTokenProjection>,
  path: string,
  projected: Projected,
): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = source.expirationSeconds ?? 0;
  if (seconds < 600)
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    errors.push(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (!isSet(source.path)) return [...errors, required(`${projected.root}.path`)];
  return [...errors, ...localUnreservedPath(`${projected.root}.path`, source.path)];
}

function projectionErrors(source: Sent<VolumeProjection>, path: string, projected: Projected): FieldError[] {
  const errors: FieldError[] = [];
  if (source.secret !== undefined) errors.push(...keyedProjectionErrors(source.secret, `${path}.secret`, projected));
  if (source.configMap !== undefined)
    errors.push(...keyedProjectionErrors(source.configMap, `${path}.configMap`, projected));
  for (const file of source.downwardAPI?.items ?? []) {
    errors.push(
      ...downwardFileErrors(file, `${path}.downwardAPI`),
      ...pathConflict(projected, file.path, file.path ?? ''),
    );
  }
  if (source.serviceAccountToken !== undefined)
    errors.push(...tokenProjectionErrors(source.serviceAccountToken, `${path}.serviceAccountToken`, projected));
  if (source.clusterTrustBundle !== undefined) {
    errors.push(...requiredText(`${path}.clusterTrustBundle.path`, source.clusterTrustBundle.path));
    errors.push(...localUnreservedPath(`${path}.clusterTrustBundle.path`, source.clusterTrustBundle.path ?? ''));
    errors.push(...pathConflict(projected, source.clusterTrustBundle.path, source.clusterTrustBundle.path ?? ''));
  }
  const count = Object.values(source).filter((value) => value !== undefined).length;
  if (count > 1) errors.push(forbidden(path, 'may not specify more than 1 volume type per source'));
  return errors;
}

export function projectedSourceErrors(source: Sent<ProjectedVolumeSource>, path: string): FieldError[] {
  const projected: Projected = { root: path, taken: new Set() };
  const sources = each(`${path}.sources`, source.sources, (item, itemPath) =>
    projectionErrors(item, itemPath, projected),
  );
  return [...fileMode(`${path}.defaultMode`, source.defaultMode), ...sources];
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** An unknown hostPath type. */
export function hostPathTypeErrors(type: string | undefined, path: string): FieldError[] {
  return type === undefined || hostPathTypes.includes(type) ? [] : [notSupported(path, type, hostPathTypes)];
}
