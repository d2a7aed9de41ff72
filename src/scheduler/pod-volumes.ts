/** The volumes of a pod, as the filters look at them. */
import {
  controllerOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
  storageClassNameOf,
  volumeAnnotations,
} from '../api/index.ts';
import type { Lookup } from './cluster-state.ts';
import { claimNames, ephemeralClaimNames, type PlacedInfo } from './pod-info.ts';

/** A claim that is bound once its pod has a node. */
export interface WaitingClaim {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
}

interface PodVolumes {
  readonly bound: readonly PersistentVolume[];
  readonly waiting: readonly WaitingClaim[];
}

const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  (spec.volumeName ?? '') !== '' && metadata.annotations?.[volumeAnnotations.bindCompleted] !== undefined;

/** The volumes of a pod, or why it cannot have them wherever it is placed. */
export function podVolumes(pod: Pod, lookup: Lookup): PodVolumes | { readonly refusal: string } {
  const bound: PersistentVolume[] = [];
  const waiting: WaitingClaim[] = [];
  const ephemeralNames = new Set(ephemeralClaimNames(pod));
  for (const name of claimNames(pod)) {
    const claim = lookup.claim(pod.metadata.namespace, name);
    const { namespace, name: podName, uid } = pod.metadata;
    const isEphemeral = ephemeralNames.has(name);
    if (claim === undefined)
      return {
        refusal: isEphemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
          : `persistentvolumeclaim "${name}" not found`,
      };
    if (isEphemeral && controllerOf(claim)?.uid !== uid)
      return {
        refusal: `PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`,
      };
    if (claim.metadata.deletionTimestamp !== undefined)
      return { refusal: `persistentvolumeclaim "${name}" is being deleted` };
    const volume = lookup.volume(claim.spec.volumeName ?? '');
    const storageClass = lookup.storageClass(storageClassNameOf(claim) ?? '');
    if (isBound(claim)) {
      if (volume === undefined)
        return { refusal: `persistentvolumeclaim "${name}" is bound to a persistentvolume that does not exist` };
      bound.push(volume);
    } else if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && (claim.spec.volumeName ?? '') === '')
      waiting.push({ claim, storageClass });
    else return { refusal: 'pod has unbound immediate PersistentVolumeClaims' };
  }
  return { bound, waiting };
}

/** The CSI volumes of a pod, by driver: what each is known by on a node. */
export function driverVolumes(
  pod: Pick<PlacedInfo, 'namespace' | 'claims' | 'inlineDrivers' | 'uid'>,
  lookup: Lookup,
): readonly { readonly driver: string; readonly id: string }[] {
  const claimed = pod.claims.flatMap((name) => {
    const claim = lookup.claim(pod.namespace, name);
    if (claim === undefined) return [];
    const csi = lookup.volume(claim.spec.volumeName ?? '')?.spec.csi;
    if (csi !== undefined) return [{ driver: csi.driver, id: csi.volumeHandle }];
    // It is to be made by its class' driver.
    const driver = lookup.storageClass(storageClassNameOf(claim) ?? '')?.provisioner;
    return (claim.spec.volumeName ?? '') !== '' || driver === undefined ? [] : [{ driver, id: claim.metadata.uid }];
  });
  return [...claimed, ...pod.inlineDrivers.map((driver, index) => ({ driver, id: `${pod.uid}/${String(index)}` }))];
}
