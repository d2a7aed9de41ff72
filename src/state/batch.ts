import { Packr } from 'msgpackr';
import type { Revision } from '../base/index.ts';
import type { Compare, Operation, RecordIndex, Transaction } from '../mvcc/index.ts';

/** Ends the past at a revision. */
export interface Compaction {
  readonly compact: Revision;
}

/** What a member proposes as one log entry: transactions in order; 'tick' lets keys expire. */
export type BatchItem = Transaction | Compaction | 'tick';

/**
 * One log entry's content. A batch counts only directly after the batch before it of the same session, so a batch that is
 * proposed again after a change of leader is applied once.
 */
export interface Batch {
  /** Drawn anew at each start of the proposing member. */
  readonly session: string;
  /** 1, 2, 3, ... within the session. */
  readonly sequence: number;
  /** The session's birth, counted in batches that the state machine had taken: tells it from a forgotten one. */
  readonly bornAt: number;
  /** The proposer's wall clock, in ms: the only time that the key space knows. */
  readonly now: number;
  readonly items: readonly BatchItem[];
}

type OperationRow =
  | readonly [string, Uint8Array, number, number, string, RecordIndex['labels'], RecordIndex['fields'], RecordIndex['owners']]
  | string;
/** A transaction, its trace where it has one; 0 for a tick; the revision of a compaction. */
type ItemRow = readonly [readonly (string | number)[], readonly OperationRow[], string?] | number;
/** Session, sequence, now, items; the session's birth is missing in logs of earlier versions. */
type BatchRow = readonly [string, number, number, readonly ItemRow[], number?];

const codec = new Packr({ useRecords: false, variableMapSize: true });

function operationRow(operation: Operation): OperationRow {
  if (operation.type === 'delete') return operation.key;
  const { key, value, revisionAt, expiresAt = 0, index } = operation;
  return [key, value, revisionAt, expiresAt, index.uid, index.labels, index.fields, index.owners];
}

const noTexts: Readonly<Record<string, string>> = Object.freeze({});
const noOwners: readonly string[] = Object.freeze([]);

/** What is empty is shared: most records would keep three empty objects each. */
function indexOf(uid: string, labels: RecordIndex['labels'], fields: RecordIndex['fields'], owners: RecordIndex['owners']): RecordIndex {
  return { uid, labels: isEmpty(labels) ? noTexts : labels, fields: isEmpty(fields) ? noTexts : fields, owners: owners.length === 0 ? noOwners : owners };
}

function isEmpty(texts: Readonly<Record<string, string>>): boolean {
  for (const _ in texts) return false;
  return true;
}

function operationOf(row: OperationRow): Operation {
  if (typeof row === 'string') return { type: 'delete', key: row };
  const [key, value, revisionAt, expiresAt, uid, labels, fields, owners] = row;
  const put = { type: 'put', key, value, revisionAt, index: indexOf(uid, labels, fields, owners) } as const;
  return expiresAt === 0 ? put : { ...put, expiresAt };
}

function compareRows(compares: readonly Compare[]): (string | number)[] {
  return compares.flatMap(({ key, revision }) => [key, revision]);
}

function comparesOf(row: readonly (string | number)[]): Compare[] {
  return Array.from({ length: row.length / 2 }, (_, i) => ({ key: row[i * 2] as string, revision: row[i * 2 + 1] as Revision }));
}

function itemRow(item: BatchItem): ItemRow {
  if (item === 'tick') return 0;
  if ('compact' in item) return item.compact;
  const row = [compareRows(item.compares), item.operations.map(operationRow)] as const;
  return item.trace === undefined ? row : [...row, item.trace];
}

function itemOf(row: ItemRow): BatchItem {
  if (typeof row === 'number') return row === 0 ? 'tick' : { compact: row as Revision };
  const [compares, operations, trace] = row;
  return { compares: comparesOf(compares), operations: operations.map(operationOf), ...(trace === undefined ? {} : { trace }) };
}

export function encodeBatch(batch: Batch): Uint8Array {
  const items = batch.items.map(itemRow);
  const row: BatchRow = [batch.session, batch.sequence, batch.now, items, batch.bornAt];
  return Uint8Array.from(codec.pack(row));
}

export function decodeBatch(data: Uint8Array): Batch {
  const [session, sequence, now, rows, bornAt = 0] = codec.unpack(data) as BatchRow;
  return { session, sequence, bornAt, now, items: rows.map(itemOf) };
}

/** About how many bytes a transaction takes in the log. */
export function sizeOf(transaction: Transaction): number {
  let bytes = 16 + transaction.compares.length * 64;
  for (const operation of transaction.operations) bytes += operation.key.length + (operation.type === 'put' ? operation.value.length + 128 : 0);
  return bytes;
}
