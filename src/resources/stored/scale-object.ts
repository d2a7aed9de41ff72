/** The Scale of an object. */
import {
  behaviourOf,
  internalError,
  type KubeObject,
  labelSelectorRequirements,
  type LabelSelector,
  readScale,
  type ResourceInfo,
  selectorText,
} from '../../api/index.ts';

interface Scalable extends KubeObject {
  readonly spec?: {
    readonly replicas?: number | undefined;
    readonly selector?: LabelSelector | Readonly<Record<string, string>> | undefined;
  };
  readonly status?: { readonly replicas?: number | undefined };
}

function selectorOf(info: ResourceInfo, object: Scalable): string {
  const selector = object.spec?.selector;
  if (selector === undefined) return '';
  const plain = behaviourOf(info).plainSelector === true;
  return selectorText(
    labelSelectorRequirements(
      plain ? { matchLabels: selector as Record<string, string> } : (selector as LabelSelector),
    ) ?? [],
  );
}

/**
 * The autoscaling/v1 Scale of an object. Zero replicas are left out of the spec, as upstream's encoding does. Throws
 * 500, as upstream, when a custom object says no wish.
 */
export function scaleOf(info: ResourceInfo, object: KubeObject): KubeObject {
  const scale = scaleWith(info, object, noReplicas);
  if ((scale.spec as { readonly replicas?: number | undefined }).replicas !== noReplicas) return scale;
  throw internalError(`the spec replicas field ${JSON.stringify(info.custom?.scale?.specReplicasPath)} does not exist`);
}

/** Stands for replicas that a custom object does not wish yet. */
export const noReplicas = -(2 ** 31);

/** The Scale with `unset` where a custom object says no wish. */
export function scaleWith(info: ResourceInfo, object: KubeObject, unset: number): KubeObject {
  if (info.custom?.scale !== undefined) {
    const { replicas = unset, ...rest } = readScale(info.custom.scale, object);
    return customScale({ replicas, ...rest }, object);
  }
  const scalable = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = scalable.spec?.replicas ?? 0;
  const selector = selectorOf(info, scalable);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: scalable.status?.replicas ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

/** The Scale of a custom object. */
function customScale(
  { replicas, current, selector }: { readonly replicas: number; readonly current: number; readonly selector: string },
  { metadata }: KubeObject,
): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: current, ...(selector === '' ? {} : { selector }) },
  };
}
