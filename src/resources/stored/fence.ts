/** Epochs of external controllers, under which their writes count. */
import type { Compare, Store } from '../../state/index.ts';

/** Holders of epochs that are no members (external controllers), among the store's own books. */
const prefixOfAll = '/ownership/epochs/';

/**
 * A compare that holds while the holder has this epoch. An epoch is the revision at which the holder's key was written:
 * who is replaced, or comes again, loses the former one, and cannot write under it any more, however late it wakes.
 */
export function epochFence(holder: string, epoch: number): Compare {
  return { key: `${prefixOfAll}${holder}`, revision: epoch as Compare['revision'] };
}

/** Gives the holder a new epoch; undefined when `granter` (who may give it) does not hold any more. */
export async function grantEpoch(store: Store, holder: string, granter: Compare): Promise<number | undefined> {
  const { key } = epochFence(holder, 0);
  const put = {
    type: 'put' as const,
    key,
    value: new TextEncoder().encode('{}'),
    revisionAt: -1,
    index: { uid: '', labels: {}, fields: {}, owners: [] },
  };
  const result = await store.transact({ compares: [granter], operations: [put] });
  return result.committed ? result.revision : undefined;
}

/** Ends an epoch, unless a newer one has; it is over when this resolves. */
export async function revokeEpoch(store: Store, holder: string, epoch: number): Promise<void> {
  const fence = epochFence(holder, epoch);
  await store.transact({ compares: [fence], operations: [{ type: 'delete', key: fence.key }] });
}

/** Ends the epochs of all holders whose names begin so. */
export async function revokeEpochs(store: Store, prefix: string): Promise<void> {
  const { records } = store.range({ prefix: `${prefixOfAll}${prefix}` });
  if (records.length > 0)
    await store.transact({ compares: [], operations: records.map(({ key }) => ({ type: 'delete' as const, key })) });
}
