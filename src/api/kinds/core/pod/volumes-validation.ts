/** Validates the volumes of a pod. */

import type { CSIVolumeSource, EphemeralVolumeSource, ObjectMeta, Sent, Volume } from '../../../objects/index.ts';
import {
  dns1123Label,
  duplicate,
  dns1123Subdomain,
  type FieldError,
  forbidden,
  invalid,
  nameIsDnsSubdomain,
  required,
} from '../../../machinery/index.ts';
import { invalids, isSet, requiredChoice, requiredName, requiredText } from '../../checks.ts';
import { localDescendingPath } from '../../paths.ts';
import { compareQuantities } from '../../quantities.ts';
import { claimTemplateErrors } from '../claim-spec-validation.ts';
import { sourceErrors, type SourceRule, sourceRule, sourceRules } from '../volume-source-rule.ts';
import {
  awsDiskErrors,
  azureDiskErrors,
  csiDriverNameErrors,
  fcErrors,
  flexErrors,
  flockerErrors,
  gceDiskErrors,
  hostPathErrors,
  iscsiErrors,
  isLongForIscsi,
  longForIscsiText,
  nfsErrors,
  quobyteErrors,
  requiredFields,
  secretReferenceErrors,
  storageOsErrors,
} from '../volume-sources-validation.ts';
import {
  configMapSourceErrors,
  downwardSourceErrors,
  projectedSourceErrors,
  secretSourceErrors,
} from './volume-files-validation.ts';

function csiErrors(source: Sent<CSIVolumeSource>, path: string): FieldError[] {
  const secret = source.nodePublishSecretRef;
  const errors = csiDriverNameErrors(`${path}.driver`, source.driver);
  if (secret === undefined) return errors;
  if (!isSet(secret.name)) return [...errors, required(`${path}.nodePublishSecretRef.name`)];
  return [...errors, ...invalids(`${path}.name`, secret.name, dns1123Subdomain(secret.name))];
}

function ephemeralErrors(source: Sent<EphemeralVolumeSource>, path: string): FieldError[] {
  if (source.volumeClaimTemplate === undefined) return [required(`${path}.volumeClaimTemplate`)];
  return claimTemplateErrors(source.volumeClaimTemplate, `${path}.volumeClaimTemplate`);
}

const local = { namespaced: false };
const rule = <Field extends keyof Sent<Volume> & string>(
  field: Field,
  check: (source: NonNullable<Sent<Volume>[Field]>, path: string) => readonly FieldError[],
  paths: { readonly path?: string; readonly secondPath?: string } = {},
): SourceRule<Sent<Volume>> => sourceRule<Sent<Volume>, Field>(field, check, paths);

// In upstream's order.
const rules = sourceRules<Sent<Volume>>([
  rule('emptyDir', (source, path) =>
    source.sizeLimit !== undefined && compareQuantities(source.sizeLimit, '0') < 0
      ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  ),
  rule('hostPath', hostPathErrors),
  rule('gitRepo', (source, path) => [
    ...requiredText(`${path}.repository`, source.repository),
    ...localDescendingPath(`${path}.directory`, source.directory ?? ''),
  ]),
  rule('gcePersistentDisk', gceDiskErrors, { path: 'persistentDisk' }),
  rule('awsElasticBlockStore', awsDiskErrors),
  rule('secret', secretSourceErrors),
  rule('nfs', nfsErrors),
  rule('iscsi', iscsiErrors),
  rule('glusterfs', (source, path) => requiredFields(path, { endpoints: source.endpoints, path: source.path })),
  rule('flocker', flockerErrors),
  rule('persistentVolumeClaim', (source, path) => requiredText(`${path}.claimName`, source.claimName)),
  rule('rbd', (source, path) => requiredFields(path, { monitors: source.monitors, image: source.image })),
  rule('cinder', (source, path) => [
    ...requiredText(`${path}.volumeID`, source.volumeID),
    ...secretReferenceErrors(`${path}.secretRef`, source.secretRef, local),
  ]),
  rule('cephfs', (source, path) => requiredFields(path, { monitors: source.monitors }), { secondPath: 'cephFS' }),
  rule('quobyte', quobyteErrors),
  rule('downwardAPI', downwardSourceErrors, { secondPath: 'downwarAPI' }),
  rule('fc', fcErrors),
  rule('flexVolume', flexErrors),
  rule('configMap', configMapSourceErrors),
  rule('azureFile', (source, path) =>
    requiredFields(path, { secretName: source.secretName, shareName: source.shareName }),
  ),
  rule('vsphereVolume', (source, path) => requiredText(`${path}.volumePath`, source.volumePath)),
  rule('photonPersistentDisk', (source, path) => requiredText(`${path}.pdID`, source.pdID)),
  rule('portworxVolume', (source, path) => requiredText(`${path}.volumeID`, source.volumeID)),
  rule('azureDisk', azureDiskErrors),
  rule('storageos', (source, path) => storageOsErrors(source, path, local)),
  rule('projected', projectedSourceErrors),
  rule('scaleIO', (source, path) =>
    requiredFields(path, { gateway: source.gateway, system: source.system, volumeName: source.volumeName }),
  ),
  rule('csi', csiErrors),
  rule('ephemeral', ephemeralErrors),
  rule('image', (source, path) =>
    requiredChoice(`${path}.pullPolicy`, source.pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ),
]);

/** Errors that tie a volume to its pod's name. */
function namedVolumeErrors(volume: Sent<Volume>, path: string, podName: string | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (isLongForIscsi(volume.name, volume.iscsi)) errors.push(invalid(`${path}.name`, volume.name, longForIscsiText));
  if (volume.ephemeral !== undefined && isSet(podName) && isSet(volume.name)) {
    const claim = `${podName}-${volume.name}`;
    errors.push(
      ...nameIsDnsSubdomain(claim, false).map((message) =>
        invalid(`${path}.name`, volume.name, `PVC name ${JSON.stringify(claim)}: ${message}`),
      ),
    );
  }
  return errors;
}

interface CheckedVolumes {
  /** The volumes that are good, by name: what mounts may refer to. */
  readonly volumes: ReadonlyMap<string, Sent<Volume>>;
  readonly errors: readonly FieldError[];
}

/** Checks the volumes of a pod spec. `metadata` is that of the pod; absent in templates. */
export function checkVolumes(
  volumes: readonly Sent<Volume>[],
  path: string,
  metadata: Sent<ObjectMeta> | undefined,
): CheckedVolumes {
  const podName = metadata?.name;
  const made = new Set(
    isSet(podName)
      ? volumes.filter((volume) => volume.ephemeral !== undefined).map((volume) => `${podName}-${volume.name ?? ''}`)
      : [],
  );
  const good = new Map<string, Sent<Volume>>();
  const errors: FieldError[] = [];
  volumes.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const found = [
      ...sourceErrors(volume, at, rules),
      ...namedVolumeErrors(volume, at, podName),
      ...requiredName(`${at}.name`, volume.name, dns1123Label),
    ];
    if (good.has(volume.name ?? '')) found.push(duplicate(`${at}.name`, volume.name));
    if (found.length === 0) good.set(volume.name ?? '', volume);
    errors.push(...found);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && made.has(claim)) {
      errors.push(
        invalid(
          `${at}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
    }
  });
  return { volumes: good, errors };
}
