/** The fields of pods that belong to features that a cluster may have on. */

import type { GroupResource, JsonObject } from '../../../object.ts';
import type { Container, PodSpec, PodStatus, PodTemplateSpec, Sent } from '../../../objects/index.ts';

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

interface GatedFields {
  readonly spec: (spec: Sent<PodSpec>) => void;
  readonly status: (status: Sent<PodStatus>) => void;
}

/** By the feature, as Kubernetes names it: what goes where it is off. */
const gated: Readonly<Record<string, GatedFields>> = {
  DynamicResourceAllocation: {
    spec: (spec) => {
      delete spec.resourceClaims;
      for (const { resources } of containersOf(spec)) if (resources !== undefined) delete resources.claims;
    },
    status: (status) => {
      delete status.resourceClaimStatuses;
    },
  },
  ImageVolume: { spec: dropImageVolumes, status: () => undefined },
  ContainerStopSignals: {
    spec: (spec) => {
      for (const container of containersOf(spec)) dropStopSignal(container);
    },
    status: (status) => {
      for (const list of [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses])
        for (const container of list ?? []) delete container.stopSignal;
    },
  },
};

/** Removes from a pod or a template of pods what belongs to features that are not among these, as Kubernetes does. */
export function dropGatedFields(
  { group, resource }: GroupResource,
  object: JsonObject,
  features: readonly string[],
): void {
  const place = specs[`${group}/${resource}`];
  if (place === undefined) return;
  const spec = place.reduce<unknown>(objectAt, object) as Sent<PodTemplateSpec['spec']>;
  const status = resource === 'pods' ? (object['status'] as Sent<PodStatus> | undefined) : undefined;
  for (const [feature, fields] of Object.entries(gated)) {
    if (features.includes(feature)) continue;
    if (typeof spec === 'object') fields.spec(spec);
    if (typeof status === 'object') fields.status(status);
  }
}

const containersOf = (spec: Sent<PodSpec>): readonly Sent<Container>[] =>
  [spec.containers, spec.initContainers, spec.ephemeralContainers].flatMap((list) => list ?? []);

/** Volumes of images go, with all mounts of them. */
function dropImageVolumes(spec: Sent<PodSpec>): void {
  const dropped = new Set(
    (spec.volumes ?? []).filter((volume) => volume.image !== undefined).map((volume) => volume.name),
  );
  if (dropped.size === 0) return;
  spec.volumes = (spec.volumes ?? []).filter((volume) => volume.image === undefined);
  for (const container of containersOf(spec))
    if (container.volumeMounts !== undefined)
      container.volumeMounts = container.volumeMounts.filter((mount) => !dropped.has(mount.name));
}

function dropStopSignal(container: Sent<Container>): void {
  if (container.lifecycle?.stopSignal === undefined) return;
  delete container.lifecycle.stopSignal;
  if (Object.values(container.lifecycle).every((hook) => hook === undefined)) delete container.lifecycle;
}
