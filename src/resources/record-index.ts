import { behaviourOf, type KubeObject, type ResourceInfo } from '../api/index.ts';
import type { RecordIndex } from '../state/index.ts';

const none = Object.freeze({});

/** What the store keeps beside an object's bytes. `object` and `info` are of the storage version. */
export function recordIndexOf(info: ResourceInfo, object: KubeObject): RecordIndex {
  const { metadata } = object;
  return {
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? none,
    fields: {
      ...(behaviourOf(info).selectableFields?.(object) ?? none),
      'metadata.name': metadata.name ?? '',
      ...(info.namespaced ? { 'metadata.namespace': metadata.namespace ?? '' } : none),
    },
    owners: (metadata.ownerReferences ?? []).map((owner) => owner.uid),
  };
}
