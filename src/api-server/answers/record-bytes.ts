/** The stored bytes of a record as an item of a list. */
import { apiVersionOf, type KubeObject, type ResourceInfo } from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { utf8 } from '../request.ts';

const heads = new WeakMap<ResourceInfo, Uint8Array>();

/** `{"kind":"Pod","apiVersion":"v1",` as records of that resource begin; lists leave it out of their items. */
function headOf(info: ResourceInfo): Uint8Array {
  const known = heads.get(info);
  if (known !== undefined) return known;
  const made = utf8(`{"kind":${JSON.stringify(info.kind)},"apiVersion":${JSON.stringify(apiVersionOf(info))},`);
  heads.set(info, made);
  return made;
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  if (bytes.byteLength < head.byteLength) return false;
  for (let i = 0; i < head.byteLength; i++) if (bytes[i] !== head[i]) return false;
  return true;
}

/**
 * The record's bytes as an item of a list: without kind, apiVersion and the opening brace. Nothing is copied where they
 * begin as expected.
 */
export function itemBytes(info: ResourceInfo, record: StoredRecord): Uint8Array {
  const head = headOf(info);
  if (startsWith(record.bytes, head)) return record.bytes.subarray(head.byteLength);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = record.object<KubeObject>();
  return utf8(JSON.stringify(rest)).subarray(1);
}
