import { errorMessage } from '../base/index.ts';
import { canonicalObject, findType, internalError, serviceUnavailable, StatusError, timeoutError, tooLarge } from '../api/index.ts';
import { type PutOperation, type Store, StoreError, type Transaction, type TransactionResult } from '../state/index.ts';
import type { JsonObject, KubeObject, ResourceInfo } from '../api/index.ts';
import { encodeObject } from './encoding.ts';
import { keyOf } from './key.ts';
import { recordIndexOf } from './record-index.ts';
import { storageInfo, toStorage } from './versions.ts';

/** What the client sees of a failure of the store. A StatusError stays as it is. */
export function statusOfFailure(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (!(error instanceof StoreError)) return internalError(errorMessage(error));
  switch (error.code) {
    case 'timeout': return timeoutError('request did not complete within the allotted timeout', 1);
    case 'too-large': return tooLarge(error.message);
    case 'no-leader': case 'overloaded': case 'disk-full': case 'stopped': return serviceUnavailable(`etcdserver: ${error.message}`);
    default: return internalError(error.message);
  }
}

/**
 * Carries a transaction out; the store's failures become StatusErrors. When it did not commit, this replica has reached the
 * state that it was refused on, so that the next try rests on it.
 */
export async function commit(store: Store, transaction: Transaction): Promise<TransactionResult> {
  try {
    const result = await store.transact(transaction);
    if (!result.committed && result.revision > store.revision) await store.reached(result.revision);
    return result;
  } catch (error) {
    throw statusOfFailure(error);
  }
}

export interface PutRequest {
  readonly info: ResourceInfo;
  readonly object: JsonObject;
  /** Wall-clock ms at which the object expires. */
  readonly expiresAt?: number;
}

/** The object as it is stored and shown: fields in the schema's order, what upstream always writes filled in. */
export function canonical(info: ResourceInfo, object: JsonObject): JsonObject {
  return findType(info.type) === undefined ? object : canonicalObject(info.type, object);
}

/** The operation that stores an object of the request's version. */
export function putOperation({ info, object, expiresAt }: PutRequest): PutOperation {
  const storage = storageInfo(info);
  const stored = canonical(storage, toStorage(info, object)) as unknown as KubeObject;
  const { bytes, revisionAt } = encodeObject(stored);
  return {
    type: 'put',
    key: keyOf(storage, stored.metadata.namespace, stored.metadata.name ?? ''),
    value: bytes,
    revisionAt,
    index: recordIndexOf(storage, stored),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
