/** The filter VolumeBinding: volumes that the node can reach. */
import type { ClusterState } from '../cluster-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { nodeTermMatches, type PersistentVolume } from '../../api/index.ts';
import type { Filter, Rejection } from './filter.ts';

const conflict: Rejection = { reasons: ["node(s) didn't match PersistentVolume's node affinity"], resolvable: false };

/** The claims that the pod names; a generic ephemeral volume's claim is named after pod and volume. */
function claimNames(pod: PodInfo): readonly string[] {
  return (pod.pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral === undefined ? [] : [`${pod.pod.metadata.name}-${volume.name}`];
  });
}

type Found = { readonly refusal: string } | { readonly volume: PersistentVolume | undefined };

function findVolume(pod: PodInfo, name: string, cluster: ClusterState): Found {
  const claim = cluster.lookup.claim(pod.namespace, name);
  if (claim === undefined) return { refusal: `persistentvolumeclaim "${name}" not found` };
  if (claim.metadata.deletionTimestamp !== undefined)
    return { refusal: `persistentvolumeclaim "${name}" is being deleted` };
  const { volumeName, storageClassName } = claim.spec;
  if (volumeName !== undefined && volumeName !== '') return { volume: cluster.lookup.volume(volumeName) };
  const waits =
    storageClassName !== undefined &&
    cluster.lookup.storageClass(storageClassName)?.volumeBindingMode === 'WaitForFirstConsumer';
  return waits ? { volume: undefined } : { refusal: 'pod has unbound immediate PersistentVolumeClaims' };
}

/** Claims must be bound (or wait for their first consumer), and bound volumes must be reachable from the node. */
export const volumeBinding: Filter = {
  name: 'VolumeBinding',
  prepare: (pod, cluster) => {
    const names = claimNames(pod);
    if (names.length === 0) return undefined;
    const volumes: PersistentVolume[] = [];
    for (const name of names) {
      const found = findVolume(pod, name, cluster);
      if ('refusal' in found) return { refusal: found.refusal };
      if (found.volume !== undefined) volumes.push(found.volume);
    }
    const terms = volumes.flatMap((volume) =>
      volume.spec.nodeAffinity?.required === undefined ? [] : [volume.spec.nodeAffinity.required.nodeSelectorTerms],
    );
    if (terms.length === 0) return undefined;
    return (node) =>
      terms.every((alternatives) => alternatives.some((term) => nodeTermMatches(term, node))) ? undefined : conflict;
  },
};
