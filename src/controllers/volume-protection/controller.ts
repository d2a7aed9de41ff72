/** Keeps claims while pods use them, and volumes while they are bound to a claim. */
import { controllerOf, type Pod, type PersistentVolumeClaim, resources, type StoredObject } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, patchFinalizers, splitKey } from '../runtime/index.ts';
import { claimsOfPod, podsWithClaims } from '../workload/index.ts';
import { planFinalizers } from './reconcile.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';
const { persistentVolumeClaims: claims, persistentVolumes: volumes } = resources;

/** Keeps a claim while a pod uses it. */
export function claimProtectionController(): Controller {
  return {
    name: 'pvc-protection-controller',
    resource: claims,
    watches: [claims, resources.pods],
    keysFor: claimKeysFor,
    reconcile: reconcileClaim,
  };
}

function claimKeysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, claims)) return change.type === 'put' ? [keyOf(change.object)] : [];
  if (!isOf(change, resources.pods) || (change.type === 'put' && !isShutDown(change.object as Pod))) return [];
  return claimsOfPod(change.object as Pod).map((name) => `${change.object.metadata.namespace ?? ''}/${name}`);
}

/** Its node is done with it; something else keeps the object. */
const isShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

/** Whether the pod, which has a node, uses the claim: one that it names also after its end, as long as it is there. */
function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  const { name } = claim.metadata;
  if ((pod.spec.nodeName ?? '') === '' || !claimsOfPod(pod).includes(name)) return false;
  if (pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name) === true) return true;
  return !isShutDown(pod) && controllerOf(claim)?.uid === pod.metadata.uid;
}

async function reconcileClaim(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const claim = ports.view.get<PersistentVolumeClaim>(claims, namespace, name);
  if (claim === undefined) return;
  const uses = (pod: Pod): boolean => usesClaim(pod, claim);
  const next = planFinalizers(claim, claimFinalizer, () => podsWithClaims(namespace, ports.view).some(uses));
  if (next !== undefined) await patchFinalizers(ports, claims, claim, next);
}

/** Keeps a volume while it is bound to a claim. */
export function volumeProtectionController(): Controller {
  return {
    name: 'pv-protection-controller',
    resource: volumes,
    watches: [volumes],
    keysFor: (change) => (isOf(change, volumes) && change.type === 'put' ? [keyOf(change.object)] : []),
    reconcile: reconcileVolume,
  };
}

async function reconcileVolume(key: string, ports: ControllerPorts): Promise<undefined> {
  const volume = ports.view.get<StoredObject & { readonly status?: { readonly phase?: string } }>(
    volumes,
    undefined,
    key,
  );
  if (volume === undefined) return;
  const next = planFinalizers(volume, volumeFinalizer, () => volume.status?.phase === 'Bound');
  if (next !== undefined) await patchFinalizers(ports, volumes, volume, next);
}
