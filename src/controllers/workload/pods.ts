/** What a controller reads of its pods, and how a template becomes one. */
import {
  findCondition,
  type KubeObject,
  parseTime,
  type Pod,
  type PodSpec,
  type PodTemplateSpec,
  type StoredObject,
} from '../../api/index.ts';
import { controllerReference } from '../runtime/index.ts';

/** Since when a pod is ready, in ms since 1970; undefined when it is not. */
export function readySince(pod: Pod): number | undefined {
  const condition = findCondition(pod.status?.conditions, 'Ready');
  return condition?.status === 'True' ? (parseTime(condition.lastTransitionTime) ?? 0) : undefined;
}

/** Whether a pod has been ready for `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const since = readySince(pod);
  return since !== undefined && (minReadySeconds === 0 || since + minReadySeconds * 1000 <= now);
}

/** How long until the next ready pod becomes available, in ms; undefined when none waits. */
export function availableAfterMs(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = pods.flatMap((pod) => {
    const since = readySince(pod);
    const wait = since === undefined ? 0 : since + minReadySeconds * 1000 - now;
    return wait > 0 ? [wait] : [];
  });
  return waits.length === 0 ? undefined : waits.reduce((least, wait) => Math.min(least, wait));
}

/** All restarts of a pod's containers. */
export function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0);
}

/** A pod that is to be made: the API still gives it its status, and perhaps its name. */
export interface PodDraft extends KubeObject {
  readonly spec: PodSpec;
}

interface PodIdentity {
  /** Absent: the API server makes a name from `generateName`. */
  readonly name?: string | undefined;
  readonly generateName?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

/** A new pod of `owner` from its template. */
export function podFromTemplate(owner: StoredObject, template: PodTemplateSpec, identity: PodIdentity = {}): PodDraft {
  const labels = { ...template.metadata?.labels, ...identity.labels };
  const annotations = { ...template.metadata?.annotations, ...identity.annotations };
  const finalizers = [...(template.metadata?.finalizers ?? []), ...(identity.finalizers ?? [])];
  const generateName = identity.generateName ?? (identity.name === undefined ? `${owner.metadata.name}-` : undefined);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: identity.name,
      generateName,
      namespace: owner.metadata.namespace,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}
