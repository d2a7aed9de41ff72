/** Decides the phase of a PersistentVolume, and what becomes of it when its claim is gone. */
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '../../api/index.ts';
import { volumeAnnotations as annotations, hasOtherMode } from '../../api/index.ts';

/** The next step of a volume. */
type VolumePlan =
  | { readonly type: 'phase'; readonly phase: 'Available' | 'Bound' }
  /** The claim has another volume: `patch` lets this one go. */
  | { readonly type: 'unbind'; readonly patch: { readonly metadata: object; readonly spec: object } }
  | { readonly type: 'release'; readonly reclaim: Reclaim }
  /** The claim does not name the volume yet. `notes` are for both when they never can come together. */
  | { readonly type: 'wait'; readonly notes: readonly ModeNote[] };

/** A warning on the volume or on the claim. */
interface ModeNote {
  readonly about: PersistentVolume | PersistentVolumeClaim;
  readonly message: string;
}

/** `claimOf` finds the claim that the volume names. */
export function planVolume(
  volume: PersistentVolume,
  claimOf: (reference: ObjectReference) => PersistentVolumeClaim | undefined,
): VolumePlan {
  const reference = volume.spec.claimRef;
  if (reference === undefined || reference.uid === undefined || reference.uid === '')
    return { type: 'phase', phase: 'Available' };
  const claim = claimOf(reference);
  if (claim === undefined || claim.metadata.uid !== reference.uid)
    return { type: 'release', reclaim: reclaimOf(volume) };
  if (claim.spec.volumeName === volume.metadata.name) return { type: 'phase', phase: 'Bound' };
  if (claim.spec.volumeName === undefined || claim.spec.volumeName === '')
    return { type: 'wait', notes: hasOtherMode(volume, claim) ? modeNotes(volume, claim) : [] };
  return isProvisioned(volume) && volume.spec.persistentVolumeReclaimPolicy === 'Delete'
    ? { type: 'release', reclaim: reclaimOf(volume) }
    : { type: 'unbind', patch: unbindPatch(volume) };
}

function modeNotes(volume: PersistentVolume, claim: PersistentVolumeClaim): readonly ModeNote[] {
  const { name } = volume.metadata;
  const toClaim = `to requested PersistentVolumeClaim`;
  const cause = 'due to incompatible volumeMode.';
  return [
    { about: volume, message: `Cannot bind PersistentVolume ${toClaim} "${claim.metadata.name}" ${cause}` },
    { about: claim, message: `Cannot bind PersistentVolume "${name}" ${toClaim} ${cause}` },
  ];
}

/** What the binder wrote is taken back; what a user wrote stays but for the claim's identity. */
function unbindPatch({ metadata }: PersistentVolume): { readonly metadata: object; readonly spec: object } {
  const { resourceVersion } = metadata;
  return metadata.annotations?.[annotations.boundByController] === undefined
    ? { metadata: { resourceVersion }, spec: { claimRef: { uid: null } } }
    : {
        metadata: { resourceVersion, annotations: { [annotations.boundByController]: null } },
        spec: { claimRef: null },
      };
}

const isProvisioned = (volume: PersistentVolume): boolean =>
  (volume.metadata.annotations?.[annotations.provisionedBy] ?? '') !== '';

/** What becomes of a released volume. `keep`: nothing, or someone else sees to it. */
export type Reclaim =
  | { readonly type: 'keep' }
  | { readonly type: 'delete' }
  | { readonly type: 'fail'; readonly reason: string; readonly message: string };

/**
 * What the reclaim policy asks for. Of what a claim held only the object is removed here; a provisioner removes what it
 * made.
 */
export function reclaimOf({ metadata, spec }: PersistentVolume): Reclaim {
  if (metadata.deletionTimestamp !== undefined) return { type: 'keep' };
  const provisioner = metadata.annotations?.[annotations.provisionedBy] ?? '';
  const path = spec.hostPath?.path;
  switch (spec.persistentVolumeReclaimPolicy) {
    case 'Delete':
      if (provisioner !== '' && !provisioner.startsWith('kubernetes.io/')) return { type: 'keep' };
      return path !== undefined && /^\/tmp\/.+/.test(path)
        ? { type: 'delete' }
        : { type: 'fail', reason: 'VolumeFailedDelete', message: cannotDelete(metadata.name, path) };
    case 'Recycle':
      return path !== undefined || spec.nfs !== undefined
        ? { type: 'keep' }
        : { type: 'fail', reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' };
    default:
      return { type: 'keep' };
  }
}

function cannotDelete(name: string, path: string | undefined): string {
  return path === undefined
    ? `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`
    : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
}
