/** Which PersistentVolumeClaims pods use. */
import { type Pod, resources } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';

/** The claims that a pod uses: those that it names, and those of its generic ephemeral volumes. */
export function claimsOfPod(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim !== undefined) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral === undefined ? [] : [`${pod.metadata.name}-${volume.name}`];
  });
}

/** The pods of a namespace that may use claims. */
export function podsWithClaims(namespace: string, view: ResourceView): readonly Pod[] {
  return view
    .facts<Pod>(resources.pods, { namespace })
    .filter((pod) => pod.mentions('"persistentVolumeClaim"') || pod.mentions('"volumeClaimTemplate"'))
    .map((pod) => pod.object());
}
