/** Drops pod fields of feature gates that are always off here; those of others (gated-fields.ts) by its settings. */
import type { PodSpec, PodStatus, Sent } from '../../../objects/index.ts';

/** Removes the fields that Kubernetes 1.33 knows but ignores by default, in pods and templates alike. */
export function dropDisabledFields(spec: Sent<PodSpec>): void {
  delete spec.resources;
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
