/** Makes the transaction of a write and carries it out. */
import { atOnce, errorMessage, noTraces, type Steps, traceparentOf, type TraceScope } from '../../base/index.ts';
import {
  badRequest,
  canonicalObject,
  findType,
  internalError,
  serviceUnavailable,
  StatusError,
  timeoutError,
  tooLarge,
  tooManyRequests,
} from '../../api/index.ts';
import {
  type Compare,
  type PutOperation,
  type Store,
  StoreError,
  type Transaction,
  type TransactionResult,
} from '../../state/index.ts';
import type { JsonObject, KubeObject, ResourceInfo } from '../../api/index.ts';
import { encodeSteps } from './encoding.ts';
import { keyOf } from './key.ts';
import { recordIndexOf } from './record-index.ts';
import { storageInfo, toStorage } from './versions.ts';

/** What the client sees of a failure of the store. A StatusError stays as it is. */
export function statusOfFailure(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (!(error instanceof StoreError)) return internalError(errorMessage(error));
  switch (error.code) {
    case 'timeout':
      return timeoutError('request did not complete within the allotted timeout', 1);
    case 'too-large':
      return tooLarge(error.message);
    case 'malformed':
      return badRequest(error.message);
    // A majority may be back in a moment: clients that heed it ask again by themselves.
    case 'no-leader':
      return serviceUnavailable(`etcdserver: ${error.message}`, 1);
    case 'overloaded':
      return tooManyRequests(`etcdserver: too many requests: ${error.message}`, 1);
    case 'disk-full':
    case 'stopped':
      return serviceUnavailable(`etcdserver: ${error.message}`);
    default:
      return internalError(error.message);
  }
}

/** Where a transaction goes. The fence says on whose behalf: a compare that holds while that one may act. */
interface CommitPorts {
  readonly store: Store;
  readonly fence?: Compare | undefined;
  /** Absent: no request is followed. */
  readonly traces?: TraceScope | undefined;
}

/**
 * Carries a transaction out; the store's failures become StatusErrors. When it did not commit, this replica has reached
 * the state that it was refused on, so that the next try rests on it. A fence that no longer holds is a conflict.
 */
export async function commit(ports: CommitPorts, transaction: Transaction): Promise<TransactionResult> {
  const { store, fence, traces = noTraces } = ports;
  const { compares } = transaction;
  // The fence comes last: an object that another writer changed is told as that.
  const fenced = fence === undefined ? transaction : { ...transaction, compares: [...compares, fence] };
  const parent = traces.current();
  try {
    const result = await (parent === undefined
      ? store.transact(fenced)
      : traces.leaf({ parent, what: `commit ${wording(transaction)}` }, (trace) =>
          store.transact({ ...fenced, trace: traceparentOf(trace) }),
        ));
    if (!result.committed && result.revision > store.revision) await store.waitForRevision(result.revision);
    if (!result.committed && result.failed >= compares.length) throw fenceBroken();
    return result;
  } catch (error) {
    throw statusOfFailure(error);
  }
}

/** Before the answer that nothing was to be written: it holds under the fence only, too. */
export async function checkFence({ store, fence }: CommitPorts): Promise<void> {
  const holds = (): boolean => fence === undefined || store.get(fence.key)?.revision === fence.revision;
  if (holds()) return;
  // This replica may not have heard of the fence yet.
  await store.readBarrier().catch((error: unknown) => {
    throw statusOfFailure(error);
  });
  if (!holds()) throw fenceBroken();
}

function fenceBroken(): StatusError {
  return new StatusError('Conflict', 'the shard that this work belongs to has another owner or epoch now');
}

/** What a transaction writes, for people: the first key tells. */
function wording({ operations }: Transaction): string {
  const [first] = operations;
  return (
    `${first?.type ?? 'nothing'} ` +
    `${first?.key ?? ''}${operations.length > 1 ? ` and ${operations.length - 1} more` : ''}`
  ).trim();
}

interface PutRequest {
  readonly info: ResourceInfo;
  readonly object: JsonObject;
  /** Wall-clock ms at which the object expires. */
  readonly expiresAt?: number | undefined;
}

/** The object as it is stored and shown: fields in the schema's order, what upstream always writes filled in. */
export function canonical(info: ResourceInfo, object: JsonObject): JsonObject {
  return findType(info.type) === undefined ? object : canonicalObject(info.type, object);
}

/** The operation that stores an object of the request's version. */
export function putOperation(request: PutRequest): PutOperation {
  return atOnce(puttingSteps(request, false));
}

/** The same in steps, for what a client wrote. Throws 413 for an object of more values than a body may have. */
export function putSteps(request: PutRequest): Steps<PutOperation> {
  return puttingSteps(request, true);
}

function* puttingSteps({ info, object, expiresAt }: PutRequest, bounded: boolean): Steps<PutOperation> {
  const storage = storageInfo(info);
  const stored = canonical(storage, toStorage(info, object)) as KubeObject;
  yield;
  const { bytes, revisionAt } = yield* encodeSteps(stored, bounded);
  yield;
  return {
    type: 'put',
    key: keyOf(storage, stored.metadata.namespace, stored.metadata.name ?? ''),
    value: bytes,
    revisionAt,
    index: recordIndexOf(storage, stored),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
