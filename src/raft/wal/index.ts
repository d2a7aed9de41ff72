/**
 * The log's memory: a write-ahead log in segments, and snapshots that let old segments go.
 *
 *     log/00000007.log   [header][marks][batch]...[batch]          all synced, full
 *     log/00000008.log   [header][marks][batch][00000000...        the end may be torn by a crash
 *     log/next.tmp       [000000000000000000000000000000...        laid out in advance
 *     snapshots/0000000000350000.snapshot                          written aside, synced, renamed
 *
 * Contract: `append` resolves when the batch is durable: one gathered write and one data sync a batch, so everything
 * that arrives during a sync shares the next one. Rules of recovery: a batch counts whole or not at all (CRC-32C). A
 * whole batch behind a broken one is damage, and the member refuses to start: a batch is written only after the one
 * before it is durable, and names its own position. A broken or missing batch at the end may be a write that a crash
 * interrupted, or one that was acknowledged and lost. It is cut, and the marks (mark.ts) say up to where entries are
 * owed: what that means for the member, the core decides (src/raft/core/owed.ts, docs/adr/0015-lost-log-ends.md).
 */
export { CorruptError, ForeignError } from './corrupt.ts';
export { crc32c } from './crc32c.ts';
export { inspectLog, nameOf, type Recovered, refuseOtherFormats } from './recovery.ts';
export { type KeptMark, readSnapshot, writeSnapshot } from './snapshot-file.ts';
export { openWriteAheadLog, type WriteAheadLog, type WriteAheadLogOptions } from './write-ahead-log.ts';
