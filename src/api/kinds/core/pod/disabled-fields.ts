/** Drops pod fields of feature gates that are always off here; those of others (gated-fields.ts) by its settings. */
import type { Container, PodSpec, PodStatus, Sent } from '../../../objects/index.ts';

/** Volumes of images go, with all mounts of them. */
function dropImageVolumes(spec: Sent<PodSpec>, containers: readonly Sent<Container>[]): void {
  const dropped = new Set(
    (spec.volumes ?? []).filter((volume) => volume.image !== undefined).map((volume) => volume.name),
  );
  if (dropped.size === 0) return;
  spec.volumes = (spec.volumes ?? []).filter((volume) => volume.image === undefined);
  for (const container of containers)
    if (container.volumeMounts !== undefined)
      container.volumeMounts = container.volumeMounts.filter((mount) => !dropped.has(mount.name));
}

/** Removes the fields that Kubernetes 1.33 knows but ignores by default, in pods and templates alike. */
export function dropDisabledFields(spec: Sent<PodSpec>): void {
  delete spec.resources;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  dropImageVolumes(spec, containers);
  for (const volume of spec.volumes ?? []) {
    for (const source of volume.projected?.sources ?? []) delete source.clusterTrustBundle;
  }
}

/** The same for a pod's status. */
export function dropDisabledStatus(status: Sent<PodStatus>): void {
  delete status.observedGeneration;
  for (const condition of status.conditions ?? []) delete condition.observedGeneration;
  for (const list of [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses])
    for (const container of list ?? []) delete container.allocatedResourcesStatus;
}
