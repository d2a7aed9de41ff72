/** The fields by which pods have devices, for clusters without dynamic resource allocation. */

import type { GroupResource, JsonObject } from '../../../object.ts';
import type { PodSpec, PodTemplateSpec, Sent } from '../../../objects/index.ts';

/** Where the pod spec of an object of a kind stands, by `group/resource`. */
const specs: Readonly<Record<string, readonly string[]>> = {
  '/pods': ['spec'],
  '/podtemplates': ['template', 'spec'],
  '/replicationcontrollers': ['spec', 'template', 'spec'],
  'apps/daemonsets': ['spec', 'template', 'spec'],
  'apps/deployments': ['spec', 'template', 'spec'],
  'apps/replicasets': ['spec', 'template', 'spec'],
  'apps/statefulsets': ['spec', 'template', 'spec'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  'batch/jobs': ['spec', 'template', 'spec'],
};

const objectAt = (object: unknown, field: string): unknown =>
  typeof object === 'object' && object !== null ? (object as JsonObject)[field] : undefined;

/** Removes what names claims from a pod or a template of pods, as Kubernetes does with the feature off. */
export function dropClaimFields({ group, resource }: GroupResource, object: JsonObject): void {
  const place = specs[`${group}/${resource}`];
  if (place === undefined) return;
  const spec = place.reduce<unknown>(objectAt, object) as Sent<PodTemplateSpec['spec']>;
  if (typeof spec === 'object') dropFromSpec(spec);
  const status = resource === 'pods' ? (object['status'] as JsonObject | undefined) : undefined;
  if (typeof status === 'object') delete status['resourceClaimStatuses'];
}

function dropFromSpec(spec: Sent<PodSpec>): void {
  delete spec.resourceClaims;
  for (const list of [spec.containers, spec.initContainers, spec.ephemeralContainers])
    for (const { resources } of list ?? []) if (resources !== undefined) delete resources.claims;
}
