/** Decides the ConfigMap by which the pods of a namespace trust the API server. */
import type { StoredObject } from '../../api/index.ts';
import { stableText } from '../runtime/index.ts';

export const mapName = 'kube-root-ca.crt';
const descriptionKey = 'kubernetes.io/description';
const purpose =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc.';
const annotations = {
  [descriptionKey]: `${purpose} No other usage is guaranteed across distributions of Kubernetes clusters.`,
};

type Plan =
  | { readonly type: 'nothing' }
  | { readonly type: 'create'; readonly map: object }
  | { readonly type: 'update'; readonly map: StoredObject };

/** `certificates` is PEM text. A map that somebody changed is repaired; what else they wrote stays. */
export function planMap(namespace: string, current: StoredObject | undefined, certificates: string): Plan {
  const data = { 'ca.crt': certificates };
  if (current === undefined) {
    const metadata = { name: mapName, namespace, annotations };
    return { type: 'create', map: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } };
  }
  const { metadata } = current;
  if (stableText(current['data']) === stableText(data) && metadata.annotations?.[descriptionKey] !== undefined)
    return { type: 'nothing' };
  const repaired = { ...metadata, annotations: { ...metadata.annotations, ...annotations } };
  return { type: 'update', map: { ...current, metadata: repaired, data } };
}
