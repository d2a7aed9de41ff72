/** The defaults of volumes. */

import type {
  DownwardAPIVolumeFile,
  HostPathVolumeSource,
  ObjectFieldSelector,
  PersistentVolumeClaimTemplate,
  ResourceFieldSelector,
  Sent,
  Volume,
  VolumeProjection,
} from '../../../objects/index.ts';
import { imageTag } from './image-name.ts';

const defaultFileMode = 0o644;
const tokenLifetimeSeconds = 3600;

export function defaultFieldRef(reference: Sent<ObjectFieldSelector> | undefined): void {
  if (reference !== undefined) reference.apiVersion ||= 'v1';
}

export function defaultResourceFieldRef(reference: Sent<ResourceFieldSelector> | undefined): void {
  if (reference !== undefined) reference.divisor ??= '0';
}

export function defaultHostPath(source: Sent<HostPathVolumeSource> | undefined): void {
  if (source !== undefined) source.type ??= '';
}

function defaultDownwardFile(file: Sent<DownwardAPIVolumeFile>): void {
  defaultFieldRef(file.fieldRef);
  defaultResourceFieldRef(file.resourceFieldRef);
}

function defaultProjection(source: Sent<VolumeProjection>): void {
  for (const file of source.downwardAPI?.items ?? []) defaultDownwardFile(file);
  if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= tokenLifetimeSeconds;
}

/** The defaults of a claim inside another object. */
function defaultClaimTemplate(template: Sent<PersistentVolumeClaimTemplate> | undefined): void {
  if (template === undefined) return;
  template.metadata ??= {};
  (template.metadata as { creationTimestamp?: string | null }).creationTimestamp ??= null;
  template.spec ??= {};
  template.spec.resources ??= {};
  template.spec.volumeMode ??= 'Filesystem';
}

/** Defaults of the sources that only some storage back ends know; pods and persistent volumes share them. */
export function defaultBackendSource(source: Sent<Volume>): void {
  if (source.iscsi !== undefined) source.iscsi.iscsiInterface ||= 'default';
  if (source.rbd !== undefined) {
    source.rbd.pool ||= 'rbd';
    source.rbd.user ||= 'admin';
    source.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (source.azureDisk !== undefined) {
    source.azureDisk.cachingMode ??= 'ReadWrite';
    source.azureDisk.kind ??= 'Shared';
    source.azureDisk.fsType ??= 'ext4';
    source.azureDisk.readOnly ??= false;
  }
  if (source.scaleIO !== undefined) {
    source.scaleIO.storageMode ||= 'ThinProvisioned';
    source.scaleIO.fsType ||= 'xfs';
  }
}

/** A volume without any source is an emptyDir. */
export function defaultVolume(volume: Sent<Volume>): void {
  if (!Object.entries(volume).some(([field, source]) => field !== 'name' && source !== undefined)) volume.emptyDir = {};
  if (volume.secret !== undefined) volume.secret.defaultMode ??= defaultFileMode;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= defaultFileMode;
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= defaultFileMode;
    for (const file of volume.downwardAPI.items ?? []) defaultDownwardFile(file);
  }
  if (volume.projected !== undefined) {
    volume.projected.defaultMode ??= defaultFileMode;
    for (const source of volume.projected.sources ?? []) defaultProjection(source);
  }
  if (volume.image !== undefined)
    volume.image.pullPolicy ||= imageTag(volume.image.reference ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
  defaultHostPath(volume.hostPath);
  defaultClaimTemplate(volume.ephemeral?.volumeClaimTemplate);
  defaultBackendSource(volume);
}
