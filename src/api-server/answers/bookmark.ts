/** The object of a BOOKMARK event. */
import type { KubeObject, ResourceInfo } from '../../api/index.ts';
import { apiVersionOf } from './record-bytes.ts';

/** The object of a BOOKMARK event: nothing but how far the watch has come. */
export function bookmarkObject(
  info: ResourceInfo,
  event: { readonly revision: number; readonly initialEventsEnd: boolean },
): KubeObject {
  return {
    kind: info.kind,
    apiVersion: apiVersionOf(info),
    metadata: {
      resourceVersion: String(event.revision),
      creationTimestamp: null,
      ...(event.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  };
}
