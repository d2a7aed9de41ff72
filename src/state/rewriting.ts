import type { Revision } from '../base/index.ts';
import type { StoreMember } from './store.ts';

/**
 * Writes this member's snapshot and log anew and lets the old files go: for a disk whose cipher has a new key. Nothing
 * else changes, since the past is ended where it ends already. Rejects like `compact`.
 */
export async function rewriteStore(store: Pick<StoreMember, 'compact' | 'status'>): Promise<void> {
  const oldest = Math.max(1, store.status().oldestRevision ?? 1) as Revision;
  // The first time turns the log over to a new segment, the second leaves the old one behind.
  await store.compact(oldest);
  await store.compact(oldest);
}
