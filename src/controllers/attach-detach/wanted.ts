/** Which volumes the pods of a node need attached, and which nodes a change concerns. */
import {
  type CSIDriver,
  isFinished,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  resources,
  type VolumeAttachment,
} from '../../api/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import { isOf } from '../runtime/index.ts';
import { claimsOfPod, podsWithClaims } from '../workload/index.ts';
import type { WantedVolume } from './reconcile.ts';

const { persistentVolumes, persistentVolumeClaims } = resources;

/** A pod needs its volumes until it is over: finished, or on its way out with no container running. */
function needsVolumes(pod: Pod): boolean {
  if (isFinished(pod)) return false;
  if (pod.metadata.deletionTimestamp === undefined) return true;
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  return statuses.some(({ state }) => state?.running !== undefined);
}

/** The volume that the claim is bound to, both sides agreeing. */
function boundVolume(view: ResourceView, namespace: string, claimName: string): PersistentVolume | undefined {
  const claim = view.get<PersistentVolumeClaim>(persistentVolumeClaims, namespace, claimName);
  const name = claim?.spec.volumeName ?? '';
  const volume = name === '' ? undefined : view.get<PersistentVolume>(persistentVolumes, undefined, name);
  return volume?.spec.claimRef?.uid === claim?.metadata.uid ? volume : undefined;
}

const isAttachable = (view: ResourceView, { spec }: PersistentVolume): boolean =>
  spec.csi !== undefined &&
  view.get<CSIDriver>(resources.csiDrivers, undefined, spec.csi.driver)?.spec.attachRequired !== false;

export function wantedVolumes(view: ResourceView, node: string): readonly WantedVolume[] {
  const byVolume = new Map<string, { readonly volume: PersistentVolume; readonly pods: Pod[] }>();
  for (const facts of view.facts<Pod>(resources.pods, { field: { name: 'spec.nodeName', value: node } })) {
    if (!facts.mentions('"persistentVolumeClaim"') && !facts.mentions('"volumeClaimTemplate"')) continue;
    const pod = facts.object();
    if (!needsVolumes(pod)) continue;
    for (const claim of claimsOfPod(pod)) {
      const volume = boundVolume(view, pod.metadata.namespace, claim);
      if (volume === undefined || !isAttachable(view, volume)) continue;
      const known = byVolume.get(volume.metadata.name) ?? { volume, pods: [] };
      known.pods.push(pod);
      byVolume.set(volume.metadata.name, known);
    }
  }
  return [...byVolume.values()];
}

/** The nodes with pods that use the volume. */
function nodesUsing(view: ResourceView, volume: string): readonly string[] {
  const reference = view.get<PersistentVolume>(persistentVolumes, undefined, volume)?.spec.claimRef;
  return reference === undefined ? [] : nodesOfClaim(view, reference.namespace ?? '', reference.name ?? '');
}

function nodesOfClaim(view: ResourceView, namespace: string, name: string): readonly string[] {
  return podsWithClaims(namespace, view)
    .filter((pod) => claimsOfPod(pod).includes(name))
    .flatMap(({ spec }) => (spec.nodeName === undefined || spec.nodeName === '' ? [] : [spec.nodeName]));
}

/** The nodes whose attachments a change may change. */
export function nodesConcerned(change: ObjectChange, view: ResourceView): readonly string[] {
  const { type } = change;
  if (isOf(change, resources.nodes)) return [change.object.metadata.name ?? ''];
  if (isOf(change, resources.pods)) {
    const pod = change.object as Pod;
    const node = pod.spec.nodeName ?? '';
    return node === '' || claimsOfPod(pod).length === 0 ? [] : [node];
  }
  if (isOf(change, resources.volumeAttachments)) {
    const { spec } = change.object as VolumeAttachment;
    // Another node may wait until the volume is free.
    const others = type === 'delete' ? nodesUsing(view, spec.source.persistentVolumeName ?? '') : [];
    return [...new Set([spec.nodeName, ...others])];
  }
  if (!isOf(change, persistentVolumeClaims) || type === 'delete') return [];
  const [claim, before] = [
    change.object as PersistentVolumeClaim,
    change.previous as PersistentVolumeClaim | undefined,
  ];
  const isNews = (claim.spec.volumeName ?? '') !== '' && claim.spec.volumeName !== before?.spec.volumeName;
  return isNews ? nodesOfClaim(view, claim.metadata.namespace, claim.metadata.name) : [];
}
