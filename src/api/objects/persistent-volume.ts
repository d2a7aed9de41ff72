/** Which PersistentVolume a claim can have, and the annotations by which the parts of the control plane agree on it. */
import { labelSelectorMatches, parseQuantity, type Quantity } from '../machinery/index.ts';
import type { PersistentVolume, PersistentVolumeClaim } from './generated/core-v1.ts';
import type { KubeObject } from '../object.ts';

export const volumeAnnotations = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  defaultClass: 'storageclass.kubernetes.io/is-default-class',
  betaDefaultClass: 'storageclass.beta.kubernetes.io/is-default-class',
  /** Where volumes and claims named their class before there was a field for it. */
  betaClass: 'volume.beta.kubernetes.io/storage-class',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  selectedNode: 'volume.kubernetes.io/selected-node',
} as const;

/** The class that a volume or a claim names; the old way goes before the field. */
export const storageClassNameOf = ({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string | undefined =>
  metadata.annotations?.[volumeAnnotations.betaClass] ?? spec.storageClassName;

/** Whether claims without a class may get this one. */
export const isDefaultClass = ({ metadata }: KubeObject): boolean =>
  [volumeAnnotations.defaultClass, volumeAnnotations.betaDefaultClass].some(
    (mark) => metadata.annotations?.[mark] === 'true',
  );

const storageOf = (amounts: Readonly<Record<string, string>> | undefined): Quantity =>
  parseQuantity(amounts?.['storage'] ?? '0');

/** Whether the volume is reserved for this very claim (by name, and by identity once that is known). */
export function isReservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec.claimRef;
  return (
    reference !== undefined &&
    reference.name === claim.metadata.name &&
    reference.namespace === claim.metadata.namespace &&
    (reference.uid === undefined || reference.uid === '' || reference.uid === claim.metadata.uid)
  );
}

const sizeOf = (volume: PersistentVolume): bigint => storageOf(volume.spec.capacity).nanos;
const isTooSmall = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  sizeOf(volume) < storageOf(claim.spec.resources?.requests).nanos;
/** Whether one is a device and the other a file system. */
export const hasOtherMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem');
const hasOtherClass = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (storageClassNameOf(volume) ?? '') !== (storageClassNameOf(claim) ?? '');
const lacksAccess = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  !(claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) === true);

/** Why a claim cannot have the volume that it names; undefined when it can. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (isTooSmall(volume, claim)) return 'requested PV is too small';
  if (hasOtherClass(volume, claim)) return 'storageClassName does not match';
  if (hasOtherMode(volume, claim)) return 'incompatible volumeMode';
  return lacksAccess(volume, claim) ? 'incompatible accessMode' : undefined;
}

/**
 * The volume to bind: of those with the fewest access modes one that is reserved for the claim, else the smallest free
 * one that suits. `delayed`: only a reserved one, since the claim waits for its pod.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  delayed: boolean,
): PersistentVolume | undefined {
  const possible = volumes.filter(
    (volume) =>
      volume.metadata.deletionTimestamp === undefined &&
      !isTooSmall(volume, claim) &&
      !hasOtherMode(volume, claim) &&
      !lacksAccess(volume, claim),
  );
  const isFree = (volume: PersistentVolume): boolean =>
    volume.spec.claimRef === undefined &&
    (volume.status?.phase ?? 'Available') === 'Available' &&
    !hasOtherClass(volume, claim) &&
    (claim.spec.selector === undefined || labelSelectorMatches(claim.spec.selector, volume.metadata.labels));
  const modesOf = (volume: PersistentVolume): number => volume.spec.accessModes?.length ?? 0;
  const rank = (volume: PersistentVolume): number => (isReservedFor(volume, claim) ? 0 : 1);
  return possible
    .filter((volume) => isReservedFor(volume, claim) || (!delayed && isFree(volume)))
    .sort((a, b) => {
      const bySize = sizeOf(a) < sizeOf(b) ? -1 : sizeOf(a) > sizeOf(b) ? 1 : 0;
      return modesOf(a) - modesOf(b) || rank(a) - rank(b) || bySize || (a.metadata.name < b.metadata.name ? -1 : 1);
    })[0];
}
