/** Writes what agents said into their Leases, many in one transaction. */
import { type JsonObject, type Lease, microTimeText, resources } from '../../api/index.ts';
import type { Compare, Operation, Store } from '../../state/index.ts';
import { builtInCatalogue } from '../catalogue.ts';
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
  const info = builtInCatalogue.preferred(resources.leases.group, resources.leases.resource);
  if (record === undefined || info === undefined) return undefined;
  const lease = record.object<Lease>();
  const renewTime = microTimeText(at);
  const { spec } = lease;
  if (spec.holderIdentity !== node || (spec.renewTime ?? '') >= renewTime) return undefined;
  const object = { ...lease, spec: { ...spec, renewTime, leaseDurationSeconds } } as object as JsonObject;
  return { compare: { key, revision: record.revision }, operation: putOperation({ info, object }) };
}
