/** The pods of a StatefulSet: ordinals, names, labels and claims. */
import type { PodTemplateSpec, StatefulSet, StoredObject } from '../../api/index.ts';
import { type PodDraft, podFromTemplate } from '../workload/index.ts';

export const revisionLabel = 'controller-revision-hash';
const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

export const startOf = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;
export const replicasOf = (set: StatefulSet): number => set.spec.replicas ?? 1;
const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${String(ordinal)}`;

/** The ordinal in a pod's name; undefined when it is not named as a pod of the set. */
export function ordinalOf(set: StatefulSet, pod: StoredObject): number | undefined {
  const { name } = pod.metadata;
  const prefix = `${set.metadata.name}-`;
  if (!name.startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  return /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : undefined;
}

/** Whether the pod is one of the wished replicas. */
export function isInRange(set: StatefulSet, pod: StoredObject): boolean {
  const ordinal = ordinalOf(set, pod);
  return ordinal !== undefined && ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);
}

/** The labels that identify a pod. */
export const identityOf = (set: StatefulSet, ordinal: number): Readonly<Record<string, string>> => ({
  [podNameLabel]: podName(set, ordinal),
  [podIndexLabel]: String(ordinal),
});

export const claimName = (template: string, set: StatefulSet, ordinal: number): string =>
  `${template}-${set.metadata.name}-${String(ordinal)}`;

/** The pod of an ordinal, made from a revision's template. Its identity (name, host name, claims) is the ordinal's. */
export function podOf(
  set: StatefulSet,
  ordinal: number,
  from: { readonly template: PodTemplateSpec; readonly revision: string },
): PodDraft {
  const name = podName(set, ordinal);
  const pod = podFromTemplate(set, from.template, {
    name,
    generateName: `${set.metadata.name}-`,
    labels: { [revisionLabel]: from.revision, ...identityOf(set, ordinal) },
  });
  const claims = (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    name: template.metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimName(template.metadata.name ?? '', set, ordinal) },
  }));
  const others = (pod.spec.volumes ?? []).filter((volume) => !claims.some((claim) => claim.name === volume.name));
  const volumes = [...claims, ...others];
  return {
    ...pod,
    spec: {
      ...pod.spec,
      hostname: name,
      subdomain: set.spec.serviceName,
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The claims of an ordinal, as they are made: who owns them is written once the pod is there. */
export function claimsOf(
  set: StatefulSet,
  ordinal: number,
): readonly { readonly metadata: { readonly name: string }; readonly [field: string]: unknown }[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const name = claimName(template.metadata.name ?? '', set, ordinal);
    const { annotations } = template.metadata;
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace: set.metadata.namespace,
        labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
        annotations,
      },
      spec: template.spec,
    };
  });
}
