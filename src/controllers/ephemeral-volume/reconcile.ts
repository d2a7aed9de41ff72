/** Decides which claims a pod's generic ephemeral volumes still need. */
import { isFinished, type KubeObject, type Pod } from '../../api/index.ts';
import { controllerReference, isControlledBy } from '../runtime/index.ts';

interface ClaimTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

interface NamedTemplate {
  /** The claim's name: the pod's and the volume's. */
  readonly name: string;
  readonly template: ClaimTemplate;
}

export function claimTemplatesOf(pod: Pod): readonly NamedTemplate[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const ephemeral = volume.ephemeral as { readonly volumeClaimTemplate?: ClaimTemplate } | undefined;
    const template = ephemeral?.volumeClaimTemplate;
    return template === undefined ? [] : [{ name: `${pod.metadata.name}-${volume.name}`, template }];
  });
}

/** One action for each volume that is not right yet, in the order of the volumes. */
type Action =
  | { readonly type: 'create'; readonly claim: object }
  /** A claim of that name belongs to somebody else. */
  | { readonly type: 'warn'; readonly message: string };

/** `claimOf` finds the claim of that name in the pod's namespace. */
export function planClaims(pod: Pod, claimOf: (name: string) => KubeObject | undefined): readonly Action[] {
  if (pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return [];
  return claimTemplatesOf(pod).flatMap((wanted): readonly Action[] => {
    const known = claimOf(wanted.name);
    if (known === undefined) return [{ type: 'create', claim: claimFrom(pod, wanted) }];
    return isControlledBy(known, pod) ? [] : [{ type: 'warn', message: notOwned(pod, wanted.name) }];
  });
}

function claimFrom(pod: Pod, { name, template }: NamedTemplate): object {
  const { labels, annotations } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: pod.metadata.namespace,
      labels,
      annotations,
      ownerReferences: [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
    },
    spec: template.spec,
  };
}

function notOwned({ metadata: { name, namespace = '' } }: Pod, claim: string): string {
  const fault = `PVC ${namespace}/${claim} was not created for pod ${namespace}/${name} (pod is not owner)`;
  return `ephemeral volume controller: ${fault}`;
}
