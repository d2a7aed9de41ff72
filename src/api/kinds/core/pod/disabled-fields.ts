import type { PodSpec } from '../../types/pod-spec.ts';

/** Removes the fields that Kubernetes 1.33 knows but ignores by default, in pods and templates alike. */
export function dropDisabledFields(spec: PodSpec): void {
  delete spec.resources;
  delete spec.resourceClaims;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    if (container.resources !== undefined) delete container.resources.claims;
    if (container.lifecycle !== undefined) delete container.lifecycle.stopSignal;
  }
  for (const volume of spec.volumes ?? []) {
    delete volume.image;
    for (const source of volume.projected?.sources ?? []) delete source.clusterTrustBundle;
  }
}
