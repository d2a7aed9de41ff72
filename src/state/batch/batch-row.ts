/** Batches as earlier versions wrote them: msgpack rows. */
import { Packr } from 'msgpackr';
import type { Revision } from '../../base/index.ts';
import type { Operation, RecordIndex } from '../../mvcc/index.ts';
import type { Batch, BatchItem } from './batch-shape.ts';

type OperationRow =
  | readonly [
      string,
      Uint8Array,
      number,
      number,
      string,
      RecordIndex['labels'],
      RecordIndex['fields'],
      RecordIndex['owners'],
    ]
  | string;
/** A transaction, its trace where it has one; 0 for an expiry; the revision of a compaction. */
type ItemRow = readonly [readonly (string | number)[], readonly OperationRow[], string?] | number;
/** Session, sequence, now, items; the session's birth came later. */
type BatchRow = readonly [string, number, number, readonly ItemRow[], number?];

const codec = new Packr({ useRecords: false, variableMapSize: true });

function operationOf(row: OperationRow): Operation {
  if (typeof row === 'string') return { type: 'delete', key: row };
  const [key, value, revisionAt, expiresAt, uid, labels, fields, owners] = row;
  const put = { type: 'put', key, value, revisionAt, index: { uid, labels, fields, owners } } as const;
  return expiresAt === 0 ? put : { ...put, expiresAt };
}

function itemOf(row: ItemRow): BatchItem {
  if (typeof row === 'number') return row === 0 ? 'expire' : { compact: row as Revision };
  const [compares, operations, trace] = row;
  const transaction = {
    compares: Array.from({ length: compares.length / 2 }, (_, i) => ({
      key: compares[i * 2] as string,
      revision: compares[i * 2 + 1] as Revision,
    })),
    operations: operations.map(operationOf),
  };
  return trace === undefined ? transaction : { ...transaction, trace };
}

/** A batch as earlier versions wrote it into their logs: msgpack rows. */
export function decodeBatchRow(data: Uint8Array): Batch {
  const [session, sequence, now, rows, bornAt = 0] = codec.unpack(data) as BatchRow;
  return { session, sequence, bornAt, now, items: rows.map(itemOf) };
}
