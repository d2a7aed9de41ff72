/**
 * The writes that bind a claim to a volume, each harmless to repeat: the volume names the claim, is Bound, the claim
 * names the volume, is Bound. Both patches hold only for the versions that the decision was made on.
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/index.ts';
import { stableText } from '../runtime/index.ts';
import { volumeAnnotations as annotations } from '../../api/index.ts';

type Patch = { readonly metadata: object; readonly spec: object };

const byController = (isOurs: boolean): object => (isOurs ? { [annotations.boundByController]: 'yes' } : {});

/** Makes the volume name the claim; undefined: it does. */
export function volumePatch(volume: PersistentVolume, claim: PersistentVolumeClaim): Patch | undefined {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  if (volume.spec.claimRef?.uid === uid) return undefined;
  return {
    metadata: {
      resourceVersion: volume.metadata.resourceVersion,
      annotations: byController(volume.spec.claimRef === undefined),
    },
    spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion } },
  };
}

/** Makes the claim name the volume; undefined: it does. */
export function claimPatch(volume: PersistentVolume, claim: PersistentVolumeClaim): Patch | undefined {
  const isNamed = claim.spec.volumeName === volume.metadata.name;
  if (isNamed && claim.metadata.annotations?.[annotations.bindCompleted] !== undefined) return undefined;
  return {
    metadata: {
      resourceVersion: claim.metadata.resourceVersion,
      annotations: { [annotations.bindCompleted]: 'yes', ...byController(!isNamed) },
    },
    spec: { volumeName: volume.metadata.name },
  };
}

/** What the bound claim reports of its volume; undefined: it does. Its capacity is that of the day it was bound. */
export function boundStatus(
  volume: PersistentVolume,
  { status }: PersistentVolumeClaim,
): PersistentVolumeClaim['status'] | undefined {
  const isBound = status?.phase === 'Bound' && status.capacity !== undefined;
  const next = {
    ...status,
    phase: 'Bound' as const,
    accessModes: volume.spec.accessModes ?? [],
    capacity: isBound ? status.capacity : (volume.spec.capacity ?? {}),
  };
  return stableText(next) === stableText(status ?? {}) ? undefined : next;
}
