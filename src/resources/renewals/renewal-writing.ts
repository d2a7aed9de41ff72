/** Writes what agents said into their Leases, many in one transaction. */
import {
  findResource,
  type JsonObject,
  type Lease,
  type LeaseSpec,
  microTimeText,
  resources,
} from '../../api/index.ts';
import { assert } from '../../base/index.ts';
import type { Compare, Operation, Store, StoredRecord } from '../../state/index.ts';
import { commit, putOperation } from '../stored/commit.ts';
import { objectKey } from '../stored/key.ts';
import type { DueRenewal } from './renewal-book.ts';

const leaseNamespace = 'kube-node-lease';
export const leaseKey = (node: string): string => objectKey(resources.leases, leaseNamespace, node);

/** Somebody else wrote one of the Leases meanwhile: so often the others are tried without it. */
const triesMax = 4;

interface WritingPorts {
  readonly store: Store;
  /** Who may write; a transaction that comes after it is over changes nothing. */
  readonly fence: Compare;
}

/**
 * Brings Leases up to date, in one transaction. One that does not exist, that another one holds, or that shows as late
 * a renewal is left alone, and so is one that another writer changes at the same time: its next renewal will show.
 * Answers how many it wrote. Rejects with the store's StatusErrors; then nothing was written.
 */
export async function writeRenewals({ store, fence }: WritingPorts, due: readonly DueRenewal[]): Promise<number> {
  let left = due;
  for (let tries = 0; tries < triesMax; tries++) {
    const compares: Compare[] = [];
    const operations: Operation[] = [];
    for (const renewal of left) {
      const put = renewed(store, renewal);
      if (put === undefined) continue;
      compares.push(put.compare);
      operations.push(put.operation);
    }
    if (operations.length === 0) return 0;
    const result = await commit({ store, fence }, { compares, operations });
    if (result.committed) return operations.length;
    const taken = compares[result.failed]?.key;
    left = left.filter(({ node }) => leaseKey(node) !== taken);
  }
  return 0;
}

function renewed(
  store: Store,
  { node, at, leaseDurationSeconds }: DueRenewal,
): { readonly compare: Compare; readonly operation: Operation } | undefined {
  const key = leaseKey(node);
  const record = store.get(key);
  if (record === undefined) return undefined;
  const stored = splitLease(record);
  const renewTime = microTimeText(at);
  if (stored.spec.holderIdentity !== node || (stored.spec.renewTime ?? '') >= renewTime) return undefined;
  const spec = { ...stored.spec, renewTime, leaseDurationSeconds };
  // The fields of a Lease that was renewed before keep their order.
  const isWhole = stored.spec.renewTime !== undefined && stored.spec.leaseDurationSeconds !== undefined;
  const operation = isWhole ? respelled(record, stored, spec) : anew(record, spec);
  return { compare: { key, revision: record.revision }, operation };
}

/** A Lease's stored text: what stands before the spec, and the spec. The spec ends it. */
interface SplitLease {
  readonly head: string;
  readonly spec: LeaseSpec;
}

const specStart = '"spec":';
const revisionStart = '"resourceVersion":"';

/**
 * Thousands of Leases are written each few seconds, so of each only the spec is read. No other field can be taken for
 * it: quotes within strings are escaped, and a key of that name within the metadata has a string for its value.
 */
function splitLease(record: StoredRecord): SplitLease {
  const { buffer, byteOffset, byteLength } = record.view();
  const text = Buffer.from(buffer, byteOffset, byteLength).toString();
  const at = text.lastIndexOf(`${specStart}{`) + specStart.length;
  return { head: text.slice(0, at), spec: JSON.parse(text.slice(at, -1)) as LeaseSpec };
}

/** The record with another spec; its metadata, and so its index, stay. */
function respelled({ key, index }: StoredRecord, { head }: SplitLease, spec: LeaseSpec): Operation {
  const revisionAt = head.indexOf(revisionStart) + revisionStart.length;
  const after = head.slice(head.indexOf('"', revisionAt));
  const value = Buffer.from(`${head.slice(0, revisionAt)}${after}${JSON.stringify(spec)}}`);
  return { type: 'put', key, value, revisionAt, index };
}

function anew(record: StoredRecord, spec: LeaseSpec): Operation {
  const info = findResource('coordination.k8s.io', 'v1', 'leases');
  assert(info !== undefined, 'Lease is a known kind');
  const object = { ...record.object<Lease>(), spec } as object as JsonObject;
  return putOperation({ info, object });
}
