/**
 * One log entry: the transactions that a member proposed together, their session and sequence, and the bytes of it all.
 * Time travels inside, so that every member applies the same. Entries of earlier versions stay readable.
 */
export type { Batch, BatchItem } from './batch-shape.ts';
export { batchHead, BatchEncoder, decodeBatch, isReadable, sizeOf, stamped } from './batch.ts';
