/** The kind PersistentVolumeClaim: defaults, validation and Table columns. */

import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
  Sent,
} from '../../objects/index.ts';
import {
  canonicalQuantity,
  deepClone,
  type FieldError,
  forbidden,
  immutableField,
  invalid,
  notSupported,
  qualifiedName,
  required,
  semanticEqual,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { differenceText } from '../difference.ts';
import { basicQuantity, compareQuantities } from '../quantities.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import { accessModesText } from './access-modes.ts';
import { claimSpecErrors } from './claim-spec-validation.ts';
import { claimSpecWarnings } from './claim-warnings.ts';
import { storageClassOf } from './persistent-volume.ts';
import { isNativeResource } from './resource-names.ts';
import { claimQuota } from './claim-quota.ts';

const claimOf = (object: object): Sent<PersistentVolumeClaim> => object as Sent<PersistentVolumeClaim>;
const betaClass = 'volume.beta.kubernetes.io/storage-class';

/**
 * The old and the new way to name a source say the same. Only claims and snapshots can be named the old way alone,
 * nothing of another namespace in either.
 */
function joinSources(spec: Sent<PersistentVolumeClaimSpec>, old: Sent<PersistentVolumeClaimSpec> = {}): void {
  if ((spec.dataSourceRef?.namespace ?? '') !== '') delete spec.dataSourceRef;
  const sourced = old.dataSource !== undefined || spec.dataSourceRef !== undefined;
  if (!sourced && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource;
  if (spec.dataSource !== undefined) spec.dataSourceRef ??= { ...spec.dataSource };
  else if (spec.dataSourceRef !== undefined) {
    const { namespace: _namespace, ...reference } = spec.dataSourceRef;
    spec.dataSource = reference;
  }
}

function isClaimOrSnapshot(source: Sent<PersistentVolumeClaimSpec>['dataSource']): boolean {
  const group = source?.apiGroup ?? '';
  return (
    (source?.kind === 'PersistentVolumeClaim' && group === '') ||
    (source?.kind === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io')
  );
}

/** Drops the field of a feature gate that is off, and copies the source between its two fields. */
function prepareSpec(claim: Sent<PersistentVolumeClaim>, old?: Sent<PersistentVolumeClaim>): void {
  if (claim.spec === undefined) return;
  delete claim.spec.volumeAttributesClassName;
  joinSources(claim.spec, old?.spec);
}

function prepareForCreate(object: JsonObject): void {
  const claim = claimOf(object);
  claim.status = { phase: 'Pending' };
  prepareSpec(claim);
}

const common = strategy({ generation: false, status: true });

function prepareForUpdate(object: JsonObject, old: KubeObject): void {
  common.prepareForUpdate(object, old);
  prepareSpec(claimOf(object), claimOf(old));
}

function prepareStatus(object: JsonObject, old: KubeObject): void {
  statusSubresource().prepareForUpdate?.(object, old);
  const { status } = claimOf(object);
  delete status?.currentVolumeAttributesClassName;
  delete status?.modifyVolumeStatus;
}

function classErrors(object: KubeObject, old: KubeObject, spec: Sent<PersistentVolumeClaimSpec>): FieldError[] {
  const before = claimOf(old).spec ?? {};
  const [annotation, oldAnnotation] = [object.metadata.annotations?.[betaClass], old.metadata.annotations?.[betaClass]];
  const unnamed = before.storageClassName === undefined && spec.storageClassName !== undefined;
  // From the annotation to the field.
  if (
    unnamed &&
    oldAnnotation !== undefined &&
    spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation)
  ) {
    delete spec.storageClassName;
    return [];
  }
  if (unnamed && (oldAnnotation === undefined || oldAnnotation === spec.storageClassName)) delete spec.storageClassName;
  return (annotation ?? '') === (oldAnnotation ?? '')
    ? []
    : [invalid(`metadata.annotations.${betaClass}`, annotation ?? '', 'field is immutable')];
}

function sizeErrors(claim: Sent<PersistentVolumeClaim>, old: Sent<PersistentVolumeClaim>): FieldError[] {
  const size = claim.spec?.resources?.requests?.['storage'] ?? '0';
  const oldSize = old.spec?.resources?.requests?.['storage'] ?? '0';
  if (compareQuantities(size, oldSize) >= 0 || compareQuantities(size, old.status?.capacity?.['storage'] ?? '0') > 0)
    return [];
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

function updateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [claim, before] = [claimOf(object), claimOf(old)];
  const found = claimSpecErrors(claim.spec ?? {}, 'spec', {
    lenientSourceGroup: before.spec?.dataSource?.apiGroup !== undefined,
  });
  // Upstream checks the whole claim, then once more before it looks for changes.
  const errors = [...found, ...found];
  const spec = deepClone(claim.spec ?? {});
  const oldSpec = deepClone(before.spec ?? {});
  // A volume is named once.
  if ((oldSpec.volumeName ?? '') === '') {
    delete spec.volumeName;
    delete oldSpec.volumeName;
  }
  errors.push(...classErrors(object, old, spec));
  const requests = spec.resources?.requests;
  const oldSize = oldSpec.resources?.requests?.['storage'];
  if (claim.status?.phase === 'Bound' && requests !== undefined && oldSize !== undefined) requests['storage'] = oldSize;
  if (!semanticEqual(spec, oldSpec)) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden('spec', `${detail}\n${differenceText('core/v1.PersistentVolumeClaimSpec', oldSpec, spec)}`));
  }
  errors.push(
    ...sizeErrors(claim, before),
    ...immutableField(claim.spec?.volumeMode, before.spec?.volumeMode, 'volumeMode'),
  );
  return errors;
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

/** Of Kubernetes' own resources a claim has storage only. */
function resourceKeyErrors(path: string, name: string): FieldError[] {
  const errors = invalids(path, name, qualifiedName(name));
  return errors.length > 0 || name === 'storage' || !isNativeResource(name)
    ? errors
    : [notSupported(path, name, ['storage'])];
}

/** What a change of size has come to. */
function resizeErrors({
  allocatedResourceStatuses = {},
  allocatedResources = {},
}: Sent<PersistentVolumeClaimStatus>): FieldError[] {
  const statePath = 'status.allocatedResourceStatus';
  const amountPath = 'status.allocatedResources';
  return [
    ...Object.entries(allocatedResourceStatuses).flatMap(([name, state]) => [
      ...resourceKeyErrors(statePath, name),
      ...(resizeStates.includes(state) ? [] : [notSupported(statePath, name, resizeStates)]),
    ]),
    ...Object.entries(allocatedResources).flatMap(([name, amount]) => {
      const errors = resourceKeyErrors(amountPath, name);
      return errors.length > 0 ? errors : basicQuantity(`${amountPath}[${name}]`, amount);
    }),
  ];
}

function statusErrors(object: KubeObject): FieldError[] {
  const claim = claimOf(object);
  return [
    ...((claim.spec?.accessModes?.length ?? 0) === 0 ? [required('Spec.accessModes')] : []),
    ...Object.entries(claim.status?.capacity ?? {}).flatMap(([name, amount]) =>
      basicQuantity(`status.capacity[${name}]`, amount),
    ),
    ...resizeErrors(claim.status ?? {}),
  ];
}

export const persistentVolumeClaimBehaviour: KindBehaviour = {
  ...common,
  quota: claimQuota,
  deletionAnswersObject: true,
  defaults(object) {
    const claim = claimOf(object);
    const spec = (claim.spec ??= {});
    spec.volumeMode ??= 'Filesystem';
    spec.resources ??= {};
    (claim.status ??= {}).phase ||= 'Pending';
  },
  prepareForCreate,
  prepareForUpdate,
  validate: (object) => claimSpecErrors(claimOf(object).spec ?? {}, 'spec'),
  warnings: (object) => [
    ...(object.metadata.annotations?.[betaClass] === undefined
      ? []
      : [`metadata.annotations[${betaClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimSpecWarnings(claimOf(object).spec ?? {}, 'spec'),
  ],
  validateUpdate: updateErrors,
  metadataChecks: { changes: 1, wholes: 2 },
  subresources: { status: { prepareForUpdate: prepareStatus, validateUpdate: statusErrors } },
  finalizersOnCreate: ['kubernetes.io/pvc-protection'],
  columns: [
    nameColumn,
    column('Status', 'Phase of the claim, such as Pending or Bound.'),
    column('Volume', 'Volume that the claim is bound to.'),
    column('Capacity', 'Size of the volume.'),
    column('Access Modes', 'Access modes of the volume.'),
    column('StorageClass', 'StorageClass of the volume.'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the volume.'),
    ageColumn,
    column('VolumeMode', 'Volume mode: Filesystem or Block.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = claimOf(object);
    const bound = (spec.volumeName ?? '') !== '';
    return [
      object.metadata.name ?? '',
      object.metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      spec.volumeName ?? '',
      bound ? canonicalQuantity(status.capacity?.['storage'] ?? '0') : '',
      bound ? accessModesText(status.accessModes) : '',
      storageClassOf(object, spec.storageClassName),
      status.currentVolumeAttributesClassName ?? '<unset>',
      ageOf(object, now),
      spec.volumeMode ?? '<unset>',
    ];
  },
};
