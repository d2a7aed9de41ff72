/** The version in which objects are stored, and the way from and to the one of a request. */
import {
  behaviourOf,
  deepClone,
  deepEqual,
  findKind,
  type JsonObject,
  knownResource,
  type KubeObject,
  type ResourceInfo,
} from '../../api/index.ts';
import { assert } from '../../base/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { encodeJson } from './encoding.ts';
import { recordIndexOf } from './record-index.ts';

/**
 * Objects are stored in one version of one group; the write path works in the version that the request names. Here is
 * the way between the two. Where both are the same, which is nearly always, nothing is copied.
 */
const storageInfos = new WeakMap<ResourceInfo, ResourceInfo>();

/** The resource in whose version objects of `info` are stored. */
export function storageInfo(info: ResourceInfo): ResourceInfo {
  const known = storageInfos.get(info);
  if (known !== undefined) return known;
  if (info.custom !== undefined) return info.custom.storage();
  const same =
    info.group === info.storage.group &&
    info.resource === info.storage.resource &&
    info.version === info.storageVersion;
  const found = same ? info : knownResource(info.storage, info.storageVersion);
  assert(found !== undefined, `the storage version of ${info.resource}.${info.group} is known`);
  storageInfos.set(info, found);
  return found;
}

/**
 * What webhooks made of records for readers of a version, and of objects for the store. Callers prepare them
 * (src/resources/conversion).
 */
const readable = new WeakMap<ResourceInfo, WeakMap<StoredRecord, StoredRecord>>();
const storedForms = new WeakMap<JsonObject, JsonObject>();

/** A reader meets a record that the webhook has not been asked about yet. */
export class NotConverted extends Error {
  override readonly name = 'NotConverted';
  readonly record: StoredRecord;
  constructor(record: StoredRecord) {
    super(`${record.key} is not yet converted to the version of the request`);
    this.record = record;
  }
}

const versionIn = ({ group, version }: ResourceInfo): string => `${group}/${version}`;
const isForeign = (info: ResourceInfo, record: StoredRecord): boolean =>
  info.custom?.conversion !== undefined && record.object<JsonObject>()['apiVersion'] !== versionIn(info);

/** Whether `recordFor` has what it needs. */
export function isReadable(info: ResourceInfo, record: StoredRecord): boolean {
  return !isForeign(info, record) || readable.get(info)?.has(record) === true;
}

/** Whether `toStorage` has what it needs. */
export function isStorable(info: ResourceInfo, object: JsonObject): boolean {
  return hasStorageVersion(info, object) || storedForms.has(object);
}

const hasStorageVersion = (info: ResourceInfo, object: JsonObject): boolean =>
  object['apiVersion'] === versionIn(storageInfo(info));

/**
 * Whether the record is in the version in which its kind is stored now: definitions change, and records stay as they
 * were written.
 */
export function isCurrent(info: ResourceInfo, record: StoredRecord): boolean {
  return info.custom === undefined || hasStorageVersion(info, record.object<JsonObject>());
}

/** Remembers what the webhook made of a record for the version of `info`. */
export function rememberRecord(info: ResourceInfo, record: StoredRecord, object: JsonObject): void {
  let records = readable.get(info);
  if (records === undefined) readable.set(info, (records = new WeakMap()));
  const shown = behaviourOf(info).fromStorage?.(object) ?? object;
  records.set(record, objectRecord(record, info, shown as KubeObject));
}

/** Remembers what the webhook made of an object for the store. */
export function rememberStored(object: JsonObject, stored: JsonObject): void {
  storedForms.set(object, stored);
}

/** The storage form of an object of the request's version; the object itself where that is the same. */
export function toStorage(info: ResourceInfo, object: JsonObject): JsonObject {
  if (info.custom?.conversion !== undefined) {
    const stored = hasStorageVersion(info, object) ? object : storedForms.get(object);
    assert(stored !== undefined, `an object of ${info.resource}.${info.group} is converted before it is stored`);
    // The server may have chosen another name since.
    return {
      ...stored,
      metadata: { ...(stored['metadata'] as JsonObject), name: (object['metadata'] as JsonObject)['name'] },
    };
  }
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
  if (isForeign(info, record)) {
    const shown = readable.get(info)?.get(record);
    if (shown === undefined) throw new NotConverted(record);
    return shown;
  }
  const behaviour = behaviourOf(info);
  if (behaviour.fromStorage === undefined) return record;
  const known = converted.get(record);
  if (known?.info === info) return known.record;
  const object = behaviour.fromStorage(deepClone(record.object<JsonObject>())) as KubeObject;
  // A custom object is read by the schema of today; mostly that leaves it as it was stored.
  const made =
    info.custom !== undefined && deepEqual(object, record.object()) ? record : objectRecord(record, info, object);
  converted.set(record, { record: made, info });
  return made;
}

function objectRecord(record: StoredRecord, info: ResourceInfo, object: KubeObject): StoredRecord {
  const { key, revision, createRevision } = record;
  const bytes = encodeJson(object);
  return {
    key,
    revision,
    createRevision,
    bytes,
    view: () => bytes,
    index: recordIndexOf(info, object),
    object: <T>() => object as T,
  };
}

/** The resource that an object's apiVersion and kind name. */
export function infoOfObject(object: { readonly apiVersion: string; readonly kind: string }): ResourceInfo | undefined {
  const [first = '', second] = object.apiVersion.split('/');
  return second === undefined ? findKind('', first, object.kind) : findKind(first, second, object.kind);
}
