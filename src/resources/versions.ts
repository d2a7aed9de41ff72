import { behaviourOf, deepClone, deepEqual, findKind, findResource, type JsonObject, type KubeObject, type ResourceInfo } from '../api/index.ts';
import { assert } from '../base/index.ts';
import type { StoredRecord } from '../state/index.ts';
import { encodeJson } from './encoding.ts';
import { recordIndexOf } from './record-index.ts';

/**
 * Objects are stored in one version of one group; the write path works in the version that the request names. Here is the
 * way between the two. Where both are the same, which is nearly always, nothing is copied.
 */
const storageInfos = new WeakMap<ResourceInfo, ResourceInfo>();

/** The resource in whose version objects of `info` are stored. */
export function storageInfo(info: ResourceInfo): ResourceInfo {
  const known = storageInfos.get(info);
  if (known !== undefined) return known;
  if (info.custom !== undefined) return info.custom.storage();
  const same = info.group === info.storage.group && info.resource === info.storage.resource && info.version === info.storageVersion;
  const found = same ? info : findResource(info.storage.group, info.storageVersion, info.storage.resource);
  assert(found !== undefined, `the storage version of ${info.resource}.${info.group} is known`);
  storageInfos.set(info, found);
  return found;
}

/** The storage form of an object of the request's version; the object itself where that is the same. */
export function toStorage(info: ResourceInfo, object: JsonObject): JsonObject {
  const behaviour = behaviourOf(info);
  return behaviour.toStorage === undefined ? object : behaviour.toStorage(deepClone(object));
}

interface Converted {
  readonly record: StoredRecord;
  readonly info: ResourceInfo;
}
const converted = new WeakMap<StoredRecord, Converted>();

/** The record as a reader of `info` sees it; the stored record itself when that is its version. */
export function recordFor(info: ResourceInfo, record: StoredRecord): StoredRecord {
  if (info.custom === undefined && storageInfo(info) === info) return record;
  const behaviour = behaviourOf(info);
  if (behaviour.fromStorage === undefined) return record;
  const known = converted.get(record);
  if (known?.info === info) return known.record;
  const object = behaviour.fromStorage(deepClone(record.object<JsonObject>())) as unknown as KubeObject;
  // A custom object is read by the schema of today; mostly that leaves it as it was stored.
  const made = info.custom !== undefined && deepEqual(object, record.object()) ? record : objectRecord(record, info, object);
  converted.set(record, { record: made, info });
  return made;
}

function objectRecord(record: StoredRecord, info: ResourceInfo, object: KubeObject): StoredRecord {
  const { key, revision, createRevision } = record;
  return { key, revision, createRevision, bytes: encodeJson(object), index: recordIndexOf(info, object), object: <T>() => object as T };
}

/** The resource that an object's apiVersion and kind name. */
export function infoOfObject(object: { readonly apiVersion: string; readonly kind: string }): ResourceInfo | undefined {
  const [first = '', second] = object.apiVersion.split('/');
  return second === undefined ? findKind('', first, object.kind) : findKind(first, second, object.kind);
}
