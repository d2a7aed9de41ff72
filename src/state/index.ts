/**
 * The store: one member's replica of the cluster's state.
 *
 *     transact --> queue --> batch --> Raft log --> write + sync (one a batch) --> commit --> key space --> result
 *                                        |                                                      |--> watches
 *                                        +--> followers (transport)                             +--> onApplied
 *     get, range, count, ownedBy <-- key space in memory          readBarrier <-- ReadIndex
 *
 * Promises: a transaction resolves after a majority has it on disk and this replica has applied it; reads come from
 * memory, and from a moment no older than what this replica has shown before; watches see every change once, in order;
 * a batch that is proposed again after a change of leader is applied once. Time, sessions and values travel inside the
 * log, so every replica makes the same bytes. While one batch is synced, the next one gathers. Snapshots are taken step
 * by step beside the normal work. A full disk refuses writes with a clear error and resumes by itself; a failed sync
 * stops the member.
 */
export {
  CompactedError,
  type Compare,
  type DeleteOperation,
  type Operation,
  type PutOperation,
  type RangeQuery,
  type RangeResult,
  type RecordIndex,
  type StoredRecord,
  type StoreEvent,
  type Transaction,
  type TransactionResult,
} from '../mvcc/index.ts';
export {
  AdministrationError,
  type HashComparison,
  type MemberReport,
  type MemberRow,
  type StoreMembers,
} from './administration.ts';
export {
  type BackupHead,
  type BackupReport,
  type FolderReport,
  type LostMajorityReport,
  type OfflineOptions,
  recoverLostMajority,
  restoreBackup,
  type RestoreOptions,
  type RestoreReport,
  verifyBackup,
  verifyFolder,
} from './admin/index.ts';
export {
  busTransport,
  type BusTransport,
  type BusTransportOptions,
  claimName,
  decodeMessage,
  encodeMessage,
  type NameClaim,
  type NameClaimOptions,
  type StoreMessage,
  type StoreTransport,
} from './transport/index.ts';
export { openSealed, openStore, rewriteStore } from './open-store.ts';
export type { FolderLock, KeyQuota, StoreOptions } from './options.ts';
export {
  type Store,
  type StoreAlarm,
  storeAlarmTypes,
  StoreError,
  type StoreMember,
  type StoreStatus,
  type StoreWatch,
} from './store.ts';
