/** What a Deployment and its ReplicaSets say to each other: annotations, sizes, order and names. */
import {
  type Deployment,
  parseTime,
  type PodTemplateSpec,
  type ReplicaSet,
  type StoredObject,
} from '../../api/index.ts';
import { stableText } from '../runtime/index.ts';
import { rollingBounds } from '../workload/index.ts';

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  history: 'deployment.kubernetes.io/revision-history',
  desired: 'deployment.kubernetes.io/desired-replicas',
  max: 'deployment.kubernetes.io/max-replicas',
} as const;

export const hashLabel = 'pod-template-hash';

/** The revision to go back to; a field of old API versions that lives on as an annotation. */
export const rollbackTo = 'deprecated.deployment.rollback.to';

/** Annotations of a Deployment that its ReplicaSets do not take over. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  rollbackTo,
  ...Object.values(annotations),
]);

export const replicasOf = (object: Deployment | ReplicaSet): number => object.spec.replicas ?? 1;

/** Sums a number over sets. */
export function total(sets: readonly ReplicaSet[], value: (set: ReplicaSet) => number): number {
  return sets.reduce((sum, set) => sum + value(set), 0);
}

/** Bounds of a rolling update in pods; a Recreate has no surge and may be wholly unavailable while it changes over. */
export function boundsOf(deployment: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const replicas = replicasOf(deployment);
  if (deployment.spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const bounds = rollingBounds(deployment.spec.strategy?.rollingUpdate, replicas);
  return { maxSurge: bounds.maxSurge, maxUnavailable: replicas === 0 ? 0 : Math.min(bounds.maxUnavailable, replicas) };
}

/** A revision annotation's number; kept whole beyond 2^53. */
export function revisionOf(object: StoredObject): bigint {
  const text = object.metadata.annotations?.[annotations.revision];
  return text !== undefined && /^\d+$/.test(text) ? BigInt(text) : 0n;
}

function templateText(template: PodTemplateSpec): string {
  const labels = { ...template.metadata?.labels };
  delete labels[hashLabel];
  return stableText({ metadata: { ...template.metadata, labels }, spec: template.spec });
}

export function byCreation(a: StoredObject, b: StoredObject): number {
  return (
    (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}

/** The set whose template is the deployment's, the oldest of several. */
export function newSetOf(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = templateText(deployment.spec.template);
  return [...sets].sort(byCreation).find((set) => templateText(set.spec.template) === wanted);
}

/** The template of a set, as the deployment had it. */
export function templateOf(set: ReplicaSet): PodTemplateSpec {
  const { [hashLabel]: _hash, ...labels } = set.spec.template.metadata?.labels ?? {};
  return { ...set.spec.template, metadata: { ...set.spec.template.metadata, labels } };
}

/** The annotations that the deployment had when the set was its newest: what is the deployment's alone stays. */
export function ownAnnotations(deployment: Deployment, set: ReplicaSet): Readonly<Record<string, string>> {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => notCopied.has(name));
  const copied = Object.entries(set.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name));
  return Object.fromEntries([...kept, ...copied]);
}

/** Whether a set that exists under the new set's name is the very one that was to be made. */
export function sameTemplate(deployment: Deployment, set: ReplicaSet): boolean {
  return templateText(deployment.spec.template) === templateText(set.spec.template);
}

/**
 * The annotations that say how large the deployment was when the set was last scaled; proportional scaling needs them.
 */
export function sizeAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const replicas = replicasOf(deployment);
  return {
    [annotations.desired]: String(replicas),
    [annotations.max]: String(replicas + boundsOf(deployment).maxSurge),
  };
}

/** The annotations of the new set: the deployment's own, and its revision with the revisions it had before. */
export function newSetAnnotations(
  deployment: Deployment,
  current: Readonly<Record<string, string>>,
  revision: bigint,
): Readonly<Record<string, string>> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name));
  const result: Record<string, string> = { ...current, ...Object.fromEntries(copied) };
  const old = current[annotations.revision];
  const oldRevision = old !== undefined && /^\d+$/.test(old) ? BigInt(old) : 0n;
  if (old !== undefined && oldRevision >= revision) return result;
  result[annotations.revision] = String(revision);
  if (old === undefined || old === '') return result;
  const history = current[annotations.history];
  result[annotations.history] =
    history === undefined || history === '' ? old : `${history},${old}`.slice(-historyLength);
  return result;
}

const historyLength = 2_000;
