/**
 * Which claims and volumes a change is for. A claim's key is 'namespace/name', a volume's its name; a change on one
 * side of a binding wakes the other.
 */
import {
  type KubeObject,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
} from '../../api/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import { isOf, keyOf } from '../runtime/index.ts';
import { claimsOfPod } from '../workload/index.ts';
import { volumeAnnotations as annotations } from '../../api/index.ts';

const { persistentVolumes, persistentVolumeClaims, storageClasses, pods } = resources;

export const isClaimKey = (key: string): boolean => key.includes('/');

export function bindingKeys(change: ObjectChange, view: ResourceView): readonly string[] {
  if (isOf(change, persistentVolumes)) return ofVolume(change as ObjectChange<PersistentVolume>, view);
  if (isOf(change, persistentVolumeClaims)) return ofClaim(change as ObjectChange<PersistentVolumeClaim>, view);
  if (isOf(change, storageClasses)) return claims(view).filter(isWaiting).map(keyOf);
  return isOf(change, pods) ? ofPod(change as ObjectChange<Pod>, view) : [];
}

const claims = (view: ResourceView): readonly PersistentVolumeClaim[] =>
  view.list<PersistentVolumeClaim>(persistentVolumeClaims);
const isWaiting = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[annotations.bindCompleted] === undefined;

/**
 * The volume and the claims that it names. When it comes, goes, is free or names another claim: also the claims that
 * name it, and all waiting ones while it is free.
 */
function ofVolume(change: ObjectChange<PersistentVolume>, view: ResourceView): readonly string[] {
  const { type, object, previous } = change;
  const { name } = object.metadata;
  const own = type === 'put' ? [name] : [];
  const isFree = type === 'put' && object.spec.claimRef === undefined;
  const named = [...new Set([claimKeyOf(object), claimKeyOf(previous)])].filter((key) => key !== undefined);
  const isSettled = type === 'put' && !isFree && named.length === 1 && isSameClaim(object, previous);
  if (isSettled) return [...own, ...named];
  const naming = claims(view).filter((claim) => claim.spec.volumeName === name || (isFree && isWaiting(claim)));
  return [...new Set([...own, ...named, ...naming.map(keyOf)])];
}

function claimKeyOf(volume: PersistentVolume | undefined): string | undefined {
  const { namespace, name } = volume?.spec.claimRef ?? {};
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}

const isSameClaim = (one: PersistentVolume, other: PersistentVolume | undefined): boolean =>
  other?.spec.claimRef !== undefined && one.spec.claimRef?.uid === other.spec.claimRef.uid;

/** The claim, its volume, and the volumes that name it when it comes, goes or takes another volume. */
function ofClaim(change: ObjectChange<PersistentVolumeClaim>, view: ResourceView): readonly string[] {
  const { type, object, previous } = change;
  const own = type === 'put' ? [keyOf(object)] : [];
  const { volumeName = '' } = object.spec;
  const before = previous?.spec.volumeName ?? '';
  if (type === 'put' && previous !== undefined && volumeName === before)
    return volumeName === '' ? own : [...own, volumeName];
  const { namespace, name } = object.metadata;
  const naming = view
    .list<PersistentVolume>(persistentVolumes)
    .filter(({ spec }) => spec.claimRef?.name === name && spec.claimRef.namespace === namespace)
    .map((volume) => volume.metadata.name);
  const volumes = [volumeName, before, ...naming].filter((one) => one !== '');
  return [...own, ...new Set(volumes)];
}

/** A pod that was just placed is the consumer that some claims wait for. */
function ofPod({ object, previous }: ObjectChange<Pod>, view: ResourceView): readonly string[] {
  if ((object.spec.nodeName ?? '') === '' || (previous?.spec.nodeName ?? '') !== '') return [];
  const { namespace } = object.metadata;
  return claimsOfPod(object)
    .filter(
      (name) => view.get<PersistentVolumeClaim>(persistentVolumeClaims, namespace, name)?.status?.phase === 'Pending',
    )
    .map((name) => `${namespace}/${name}`);
}
