/** The index that the store keeps beside an object's bytes. */
import { behaviourOf, type KubeObject, type ResourceInfo } from '../../api/index.ts';
import type { RecordIndex } from '../../state/index.ts';

const none = Object.freeze({});

/** What the store keeps beside an object's bytes. `object` and `info` are of the storage version. */
export function recordIndexOf(info: ResourceInfo, object: KubeObject): RecordIndex {
  const { metadata } = object;
  return {
    uid: metadata.uid ?? '',
    labels: metadata.labels ?? none,
    fields: fieldsOf(info, object),
    owners: metadata.ownerReferences?.map((owner) => owner.uid) ?? [],
  };
}

function fieldsOf(info: ResourceInfo, object: KubeObject): RecordIndex['fields'] {
  const { name = '', namespace = '' } = object.metadata;
  const own = info.namespaced ? { 'metadata.name': name, 'metadata.namespace': namespace } : { 'metadata.name': name };
  const selectable = behaviourOf(info).selectableFields?.(object);
  return selectable === undefined ? own : { ...selectable, ...own };
}
