/** Validates the spec of a PersistentVolume. */

import type { PersistentVolumeSpec, Sent } from '../../objects/index.ts';
import {
  dns1123Label,
  type FieldError,
  forbidden,
  invalid,
  nameIsDnsSubdomain,
  notSupported,
  required,
  verbatim,
} from '../../machinery/index.ts';
import { choice, optionalName, requiredText } from '../checks.ts';
import { noBacksteps } from '../paths.ts';
import { basicQuantity, positiveQuantity } from '../quantities.ts';
import { accessModeErrors, volumeModes } from './access-modes.ts';
import { nodeSelectorErrors } from './pod/scheduling-validation.ts';
import { sourceErrors, type SourceRule, sourceRule, sourceRules } from './volume-source-rule.ts';
import {
  awsDiskErrors,
  azureDiskErrors,
  csiDriverNameErrors,
  csiSecretErrors,
  fcErrors,
  flexErrors,
  flockerErrors,
  gceDiskErrors,
  hostPathErrors,
  isLongForIscsi,
  longForIscsiText,
  nfsErrors,
  persistentIscsiErrors,
  quobyteErrors,
  requiredFields,
  secretReferenceErrors,
  storageOsErrors,
} from './volume-sources-validation.ts';

const namespaced = { namespaced: true };
const rule = <Field extends keyof Sent<PersistentVolumeSpec> & string>(
  field: Field,
  check: (source: NonNullable<Sent<PersistentVolumeSpec>[Field]>, path: string) => readonly FieldError[],
  paths: { readonly path?: string; readonly secondPath?: string } = {},
): SourceRule<Sent<PersistentVolumeSpec>> => sourceRule<Sent<PersistentVolumeSpec>, Field>(field, check, paths);

function endpointsNamespaceErrors(namespace: string | undefined, path: string): FieldError[] {
  if (namespace === '')
    return [invalid(path, '', 'if the endpointnamespace is set, it must be a valid namespace name')];
  return optionalName(path, namespace, dns1123Label);
}

// In upstream's order.
const rules = sourceRules<Sent<PersistentVolumeSpec>>([
  rule('hostPath', hostPathErrors),
  rule('gcePersistentDisk', gceDiskErrors, { path: 'persistentDisk' }),
  rule('awsElasticBlockStore', awsDiskErrors),
  rule('glusterfs', (source, path) => [
    ...requiredFields(path, { endpoints: source.endpoints, path: source.path }),
    ...endpointsNamespaceErrors(source.endpointsNamespace, `${path}.endpointsNamespace`),
  ]),
  rule('flocker', flockerErrors),
  rule('nfs', nfsErrors),
  rule('rbd', (source, path) => requiredFields(path, { monitors: source.monitors, image: source.image })),
  rule('quobyte', quobyteErrors),
  rule('cephfs', (source, path) => requiredFields(path, { monitors: source.monitors }), { secondPath: 'cephFS' }),
  rule('iscsi', persistentIscsiErrors),
  rule('cinder', (source, path) => [
    ...requiredText(`${path}.volumeID`, source.volumeID),
    ...secretReferenceErrors(`${path}.secretRef`, source.secretRef, namespaced),
  ]),
  rule('fc', fcErrors),
  rule('flexVolume', flexErrors),
  rule('azureFile', (source, path) => [
    ...requiredFields(path, { secretName: source.secretName, shareName: source.shareName }),
    ...(source.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
  ]),
  rule('vsphereVolume', (source, path) => requiredText(`${path}.volumePath`, source.volumePath)),
  rule('photonPersistentDisk', (source, path) => requiredText(`${path}.pdID`, source.pdID)),
  rule('portworxVolume', (source, path) => requiredText(`${path}.volumeID`, source.volumeID)),
  rule('azureDisk', azureDiskErrors),
  rule('scaleIO', (source, path) =>
    requiredFields(path, { gateway: source.gateway, system: source.system, volumeName: source.volumeName }),
  ),
  rule('local', (source, path) => [
    ...requiredText(`${path}.path`, source.path),
    ...noBacksteps(`${path}.path`, source.path ?? ''),
  ]),
  rule('storageos', (source, path) => storageOsErrors(source, path, namespaced)),
  rule('csi', (source, path) => [
    ...csiDriverNameErrors(`${path}.driver`, source.driver),
    ...requiredText(`${path}.volumeHandle`, source.volumeHandle),
    ...csiSecretErrors(`${path}.controllerPublishSecretRef`, source.controllerPublishSecretRef),
    ...csiSecretErrors(`${path}.controllerExpandSecretRef`, source.controllerExpandSecretRef),
    ...csiSecretErrors(`${path}.nodePublishSecretRef`, source.nodePublishSecretRef),
    ...csiSecretErrors(`${path}.nodeExpandSecretRef`, source.nodeExpandSecretRef),
  ]),
]);

/** The fields that hold a volume's source. */
export const sourceFields: readonly (keyof Sent<PersistentVolumeSpec> & string)[] = [...rules.values()].map(
  (item) => item.field,
);

/** The source that counts when there are several. */
const firstSource = (spec: Sent<PersistentVolumeSpec>): string | undefined =>
  sourceFields.find((field) => spec[field] !== undefined);

function capacityErrors(capacity: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const names = Object.keys(capacity ?? {});
  const errors: FieldError[] = names.length === 0 ? [required(path)] : [];
  if (names.length !== 1 || names[0] !== 'storage') {
    errors.push(
      notSupported(path, capacity === undefined ? verbatim('core.ResourceList(nil)') : capacity, ['storage']),
    );
  }
  return [
    ...errors,
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) => [
      ...basicQuantity(`${path}[${name}]`, amount),
      ...positiveQuantity(`${path}[${name}]`, amount),
    ]),
  ];
}

function affinityErrors(spec: Sent<PersistentVolumeSpec>, path: string): FieldError[] {
  if (spec.nodeAffinity === undefined) {
    return firstSource(spec) === 'local' ? [required(path, 'Local volume requires node affinity')] : [];
  }
  if (spec.nodeAffinity.required === undefined)
    return [required(`${path}.required`, 'must specify required node constraints')];
  return nodeSelectorErrors(spec.nodeAffinity.required, `${path}.required`);
}

const isRoot = (path: string | undefined): boolean =>
  path !== undefined && path !== '' && path.split('/').every((part) => part === '' || part === '.');

/** Checks the spec of the persistent volume `name`. */
export function persistentVolumeSpecErrors(spec: Sent<PersistentVolumeSpec>, name: string | undefined): FieldError[] {
  const path = 'spec';
  const recycledRoot = isRoot(spec.hostPath?.path) && spec.persistentVolumeReclaimPolicy === 'Recycle';
  return [
    ...((spec.accessModes?.length ?? 0) === 0 ? [required(`${path}.accessModes`)] : []),
    ...accessModeErrors(spec.accessModes, `${path}.accessModes`),
    ...capacityErrors(spec.capacity, `${path}.capacity`),
    ...choice(`${path}.persistentVolumeReclaimPolicy`, spec.persistentVolumeReclaimPolicy || undefined, [
      'Delete',
      'Recycle',
      'Retain',
    ]),
    ...affinityErrors(spec, `${path}.nodeAffinity`),
    ...sourceErrors(spec, path, rules),
    ...(isLongForIscsi(name, spec.iscsi) && firstSource(spec) === 'iscsi'
      ? [invalid(`${path}.iscsi.targetportal`, spec.iscsi?.targetPortal ?? '', longForIscsiText)]
      : []),
    ...(recycledRoot
      ? [forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...optionalName(`${path}.storageClassName`, spec.storageClassName, (name) => nameIsDnsSubdomain(name, false)),
    ...choice(`${path}.volumeMode`, spec.volumeMode, volumeModes),
  ];
}
