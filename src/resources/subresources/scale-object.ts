import { type KubeObject, labelSelectorRequirements, type LabelSelector, readScale, type ResourceInfo, selectorText } from '../../api/index.ts';

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: LabelSelector | Readonly<Record<string, string>> };
  readonly status?: { readonly replicas?: number };
}

function selectorOf(info: ResourceInfo, object: Scalable): string {
  const selector = object.spec?.selector;
  if (selector === undefined) return '';
  const plain = info.resource === 'replicationcontrollers';
  return selectorText(labelSelectorRequirements(plain ? { matchLabels: selector as Record<string, string> } : (selector as LabelSelector)) ?? []);
}

/** The autoscaling/v1 Scale of an object. Zero replicas are left out of the spec, as upstream's encoding does. */
export function scaleOf(info: ResourceInfo, object: KubeObject): KubeObject {
  if (info.custom?.scale !== undefined) return customScale(readScale(info.custom.scale, object), object);
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
function customScale({ replicas, current, selector }: ReturnType<typeof readScale>, { metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: current, ...(selector === '' ? {} : { selector }) },
  };
}
