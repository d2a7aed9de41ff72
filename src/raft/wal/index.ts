/**
 * The log's memory: a write-ahead log in segments, and snapshots that let old segments go.
 *
 *     log/00000007.log   [header][batch][batch]...[batch]          all synced, full
 *     log/00000008.log   [header][batch][batch][00000000...        the end may be torn by a crash
 *     log/next.tmp       [000000000000000000000000000000...        laid out in advance
 *     snapshots/0000000000350000.snapshot                          written aside, synced, renamed
 *
 * Contract: `append` resolves when the batch is durable: one gathered write and one data sync a batch, so everything
 * that arrives during a sync shares the next one. Rules of recovery: a batch counts whole or not at all (CRC-32C); a
 * broken batch at the end was never acknowledged and is cut; a broken batch anywhere else is damage, and the member
 * refuses to start. The two are told apart without doubt, because a batch is written only after the one before it is
 * durable and names its own position: a whole batch after a broken place proves that the place had been synced.
 */
export { CorruptError, ForeignError } from './corrupt.ts';
export { crc32c } from './crc32c.ts';
export { inspectLog, nameOf, type Recovered, refuseOtherFormats } from './recovery.ts';
export { type KeptMark, readSnapshot, writeSnapshot } from './snapshot-file.ts';
export { openWriteAheadLog, type WriteAheadLog, type WriteAheadLogOptions } from './write-ahead-log.ts';
