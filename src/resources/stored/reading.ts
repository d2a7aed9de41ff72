/** Reads objects of the local replica. */
import type { GroupResource, KubeObject } from '../../api/index.ts';
import type { Store, StoredRecord } from '../../state/index.ts';
import { collectionPrefix, objectKey } from './key.ts';

/** A stored object of the local replica (frozen), or undefined. */
export function readObject<T = KubeObject>(
  store: Store,
  resource: GroupResource,
  namespace: string | undefined,
  name: string,
): T | undefined {
  return store.get(objectKey(resource, namespace, name))?.object<T>();
}

/** All stored objects of a collection of the local replica, in the order of their keys. */
export function readObjects<T = KubeObject>(store: Store, resource: GroupResource, namespace?: string): readonly T[] {
  return readRecords(store, resource, namespace).map((record) => record.object<T>());
}

export function readRecords(store: Store, resource: GroupResource, namespace?: string): readonly StoredRecord[] {
  return store.range({ prefix: collectionPrefix(resource, namespace) }).records;
}
