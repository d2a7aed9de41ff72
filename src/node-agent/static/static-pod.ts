/** A static pod, out of the text of its file, and the mirror that shows it in the API. */
import { createHash } from 'node:crypto';
import {
  behaviourOf,
  decodeObject,
  dropGatedFields,
  findResource,
  invalidError,
  type JsonObject,
  type KubeObject,
  mirrorAnnotation,
  mirroredUid,
  type New,
  type Pod,
  resources,
} from '../../api/index.ts';

const hashAnnotation = 'kubernetes.io/config.hash';
const sourceAnnotation = 'kubernetes.io/config.source';

/** The uid by which the node knows a pod of the API: containers and folders of a mirror carry the static pod's. */
export const uidOnNode = (pod: Pod): string => mirroredUid(pod) ?? pod.metadata.uid ?? '';

/** Whether it is a file of the node: the uids that the API gives have another form. */
export const isStaticPod = ({ metadata }: Pod): boolean => /^[0-9a-f]{32}$/.test(metadata.uid ?? '');

interface StaticPlace {
  readonly node: string;
  readonly file: string;
}

/** The pod that a file describes, in YAML or JSON, with defaults. Throws StatusError. */
export function staticPod(text: string, { node, file }: StaticPlace): Pod {
  const { object } = decodeObject({
    body: { bytes: new TextEncoder().encode(text), contentType: 'application/yaml' },
    type: 'core/v1.Pod',
    fieldValidation: 'Strict',
  });
  const info = findResource('', 'v1', resources.pods.resource);
  const behaviour = info === undefined ? undefined : behaviourOf(info);
  behaviour?.defaults?.(object);
  // What names objects of the API is not for pods of files.
  dropGatedFields(resources.pods, object, ['ContainerStopSignals', 'ImageVolume']);
  const pod = placed(object, { node, file });
  const errors = behaviour?.validate?.(pod as KubeObject) ?? [];
  if (errors.length > 0) throw invalidError({ group: '', kind: 'Pod', name: pod.metadata.name ?? '', errors });
  return pod;
}

function placed(object: JsonObject, place: StaticPlace): Pod {
  const pod = object as KubeObject as Pod;
  const uid = createHash('sha256')
    .update(JSON.stringify([place.node, place.file, object]))
    .digest('hex')
    .slice(0, 32);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name: `${pod.metadata.name ?? ''}-${place.node}`,
      namespace: pod.metadata.namespace ?? 'default',
      uid,
      annotations: { ...pod.metadata.annotations, [hashAnnotation]: uid, [sourceAnnotation]: 'file' },
    },
    spec: {
      ...pod.spec,
      nodeName: place.node,
      tolerations: [...(pod.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  };
}

/** What is written to the API of a static pod. */
export function mirrorOf(
  { apiVersion, kind, metadata, spec }: Pod,
  node: { readonly name: string; readonly uid: string },
): New<Pod> {
  const { uid = '', name, namespace, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels,
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true }],
    },
    spec,
  };
}
