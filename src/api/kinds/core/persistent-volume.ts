/** The kind PersistentVolume: defaults, validation and Table columns. */

import { definedMembers } from '../../object.ts';
import type { PersistentVolume, PersistentVolumeSpec, Sent, Volume } from '../../objects/index.ts';
import {
  canonicalQuantity,
  deepEqual,
  type FieldError,
  forbidden,
  immutableField,
  invalid,
  semanticEqual,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { differenceText } from '../difference.ts';
import { nodeSelectorTermWarnings } from '../node-labels.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { accessModesText } from './access-modes.ts';
import { persistentVolumeSpecErrors, sourceFields } from './persistent-volume-validation.ts';
import { defaultBackendSource, defaultHostPath } from './pod/volume-defaults.ts';
import { deprecatedVolumeWarnings } from './volume-warnings.ts';

const volumeOf = (object: object): Sent<PersistentVolume> => object as Sent<PersistentVolume>;
const betaClass = 'volume.beta.kubernetes.io/storage-class';
const mountOptions = 'volume.beta.kubernetes.io/mount-options';

/** The storage class of a volume or claim: the old annotation wins. */
export function storageClassOf(object: KubeObject, className: string | undefined): string {
  return object.metadata.annotations?.[betaClass] ?? className ?? '';
}

function sourceOf(spec: Sent<PersistentVolumeSpec>): Record<string, unknown> {
  return Object.fromEntries(
    sourceFields.filter((field) => spec[field] !== undefined).map((field) => [field, spec[field]]),
  );
}

function updateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [volumeOf(object).spec ?? {}, volumeOf(old).spec ?? {}];
  const name = object.metadata.name;
  // Upstream checks the whole volume, then once more before it looks for changes.
  const errors = [...persistentVolumeSpecErrors(spec, name), ...persistentVolumeSpecErrors(spec, name)];
  const [source, oldSource] = [sourceOf(spec), sourceOf(before)];
  // The secret for expanding may be named later.
  if (before.csi !== undefined && before.csi.controllerExpandSecretRef === undefined && spec.csi !== undefined) {
    const { controllerExpandSecretRef: _secret, ...csi } = spec.csi;
    source['csi'] = csi;
  }
  if (!semanticEqual(source, oldSource)) {
    const difference = differenceText('core/v1.PersistentVolumeSource', oldSource, source);
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${difference}`,
      ),
    );
  }
  errors.push(...immutableField(spec.volumeMode, before.volumeMode, 'volumeMode'));
  if (before.nodeAffinity !== undefined && !semanticEqual(spec.nodeAffinity, before.nodeAffinity)) {
    errors.push(
      invalid('nodeAffinity', spec.nodeAffinity, 'field is immutable, except for updating from beta label to GA'),
    );
  }
  return errors;
}

/** Kubernetes 1.33 knows classes of attributes but ignores them by default. */
const dropAttributesClass = (volume: Sent<PersistentVolume>): void => {
  delete volume.spec?.volumeAttributesClassName;
};

function prepareForCreate(object: JsonObject): void {
  const volume = volumeOf(object);
  dropAttributesClass(volume);
  const created = volume.metadata?.creationTimestamp;
  volume.status = definedMembers({ phase: 'Pending', lastPhaseTransitionTime: created });
}

const common = strategy({ generation: false, status: true });

export const persistentVolumeBehaviour: KindBehaviour = {
  ...common,
  deletionAnswersObject: true,
  defaults(object) {
    const volume = volumeOf(object);
    const spec = (volume.spec ??= {});
    (volume.status ??= {}).phase ||= 'Pending';
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    defaultHostPath(spec.hostPath);
    // The sources that have defaults are the same in pods but for their secrets, which have none.
    defaultBackendSource(spec as Sent<Volume>);
  },
  prepareForCreate,
  prepareForUpdate(object, old) {
    common.prepareForUpdate(object, old);
    dropAttributesClass(volumeOf(object));
  },
  validate: (object) => persistentVolumeSpecErrors(volumeOf(object).spec ?? {}, object.metadata.name),
  validateUpdate: updateErrors,
  metadataChecks: { changes: 0, wholes: 2 },
  warnings(object) {
    const spec = volumeOf(object).spec ?? {};
    const has = (key: string): boolean => object.metadata.annotations?.[key] !== undefined;
    const recycled =
      'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';
    return [
      ...(has(betaClass)
        ? [`metadata.annotations[${betaClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]
        : []),
      ...(has(mountOptions)
        ? [`metadata.annotations[${mountOptions}]: deprecated since v1.31; use "mountOptions" attribute instead`]
        : []),
      ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${recycled}`] : []),
      ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, index) =>
        nodeSelectorTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, false),
      ),
      ...deprecatedVolumeWarnings(spec, 'spec'),
    ];
  },
  subresources: {
    status: {
      prepareForUpdate(object, old, now) {
        statusSubresource().prepareForUpdate?.(object, old);
        const [status, before] = [volumeOf(object).status, volumeOf(old).status];
        if (status === undefined || now === undefined || status.phase === before?.phase) return;
        if (deepEqual(status.lastPhaseTransitionTime, before?.lastPhaseTransitionTime))
          status.lastPhaseTransitionTime = now;
      },
      validateUpdate: () => [],
    },
  },
  finalizersOnCreate: ['kubernetes.io/pv-protection'],
  columns: [
    nameColumn,
    column('Capacity', 'Size of the volume.'),
    column('Access Modes', 'Access modes of the volume.'),
    column('Reclaim Policy', 'What happens to the volume when its claim is deleted.'),
    column('Status', 'Phase of the volume, such as Available or Bound.'),
    column('Claim', 'Claim that the volume is bound to.'),
    column('StorageClass', 'StorageClass of the volume.'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the volume.'),
    column('Reason', 'Reason for the current status.'),
    ageColumn,
    column('VolumeMode', 'Volume mode: Filesystem or Block.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = volumeOf(object);
    const claim = spec.claimRef === undefined ? '' : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`;
    return [
      object.metadata.name ?? '',
      canonicalQuantity(spec.capacity?.['storage'] ?? '0'),
      accessModesText(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? '',
      object.metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      claim,
      storageClassOf(object, spec.storageClassName),
      spec.volumeAttributesClassName ?? '<unset>',
      status.reason ?? '',
      ageOf(object, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};
