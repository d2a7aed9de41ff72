/**
 * The versioned key space: what the store keeps, as a pure function of the log.
 *
 * One transaction is applied at a time and moves the revision by one. Each key has a chain of versions, newest first:
 *
 *     tree (ordered, counted)      chain                          history (events by revision)
 *     /core/pods/a/x  ------->  rev 9 -> rev 4 -> rev 2       ...  [4 x put] [7 y delete] [9 x put]
 *     /core/pods/a/y  ------->  rev 7 (deleted) -> rev 3            ^ floor: nothing older is readable
 *
 * Reads at an older revision walk the chain; a page costs its own length. Watches start from the history. The floor is
 * decided by the log (age and count), so it is the same on every replica; memory behind it is freed in steps by
 * `sweep`.
 *
 * What a garbage collector has to look at bounds how large a store may grow: a version is one object, small values
 * share blocks, and in a store of very many keys the newest versions that outlived the history are packed, some dozens
 * of neighbours in three objects.
 *
 * Invariants: the same entries give the same state, whether replayed or restored from a snapshot, byte for byte; no
 * clock is read (time comes inside the entries); a record's bytes never change after it was made.
 * Follows etcd's MVCC store, whose revisions are Kubernetes' resourceVersions.
 */
export { KeySpace, type KeySpaceOptions } from './key-space.ts';
export {
  CompactedError,
  type Compare,
  type DeleteOperation,
  emptyIndex,
  type Operation,
  type PutOperation,
  type RangeQuery,
  type RangeResult,
  type RecordIndex,
  type StoredRecord,
  type StoreEvent,
  type Transaction,
  type TransactionResult,
} from './record.ts';
export { SnapshotDecoder, SnapshotEncoder } from './snapshot.ts';
export { type HashFormat, StateHasher, stateHash } from './state-hash.ts';
export { eventOf, type Version } from './version.ts';
