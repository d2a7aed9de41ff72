/** The bytes of a batch. */
import { FormatError, type Revision, setOwn } from '../../base/index.ts';
import { type Compare, emptyIndex, type Operation, type PutOperation, type Transaction } from '../../mvcc/index.ts';
import { decodeBatchRow } from './batch-row.ts';
import type { Batch, BatchItem } from './batch-shape.ts';
import { ByteReader, ByteWriter } from './byte-writer.ts';

/**
 * Raised with each change that a program of before cannot read, a new type of item among them. What is written may be
 * raised only when every program that takes part can read it (docs/adr/0018-layouts-during-upgrades.md).
 */
const format = 1;
/** How batches of msgpack rows begin: with the mark of an array of four or five. */
const rowMarks: readonly (number | undefined)[] = [0x94, 0x95];
const itemTypes = { expire: 0, compaction: 1, transaction: 2, tracedTransaction: 3 } as const;
/** A put is one with everything, or one without an expiry and with an empty index. */
const operationTypes = { delete: 0, put: 1, barePut: 2 } as const;

function isEmpty(texts: Readonly<Record<string, string>>): boolean {
  for (const _ in texts) return false;
  return true;
}

function writeTexts(writer: ByteWriter, texts: Readonly<Record<string, string>>): void {
  const names = Object.keys(texts);
  writer.whole(names.length);
  for (const name of names) {
    writer.text(name);
    writer.text(texts[name] ?? '');
  }
}

/** What is empty is shared: most records would keep three empty objects each. */
function readTexts(reader: ByteReader): Readonly<Record<string, string>> {
  const count = reader.whole();
  if (count === 0) return emptyIndex.labels;
  const texts: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const name = reader.text();
    const text = reader.text();
    setOwn(texts, name, text);
  }
  return texts;
}

function writePut(writer: ByteWriter, operation: PutOperation): void {
  const { key, value, revisionAt, expiresAt = 0, index } = operation;
  const bare =
    expiresAt === 0 && index.uid === '' && index.owners.length === 0 && isEmpty(index.labels) && isEmpty(index.fields);
  writer.byte(bare ? operationTypes.barePut : operationTypes.put);
  writer.text(key);
  writer.whole(revisionAt + 1);
  if (!bare) {
    writer.double(expiresAt);
    writer.text(index.uid);
    writeTexts(writer, index.labels);
    writeTexts(writer, index.fields);
    writer.whole(index.owners.length);
    for (const owner of index.owners) writer.text(owner);
  }
  writer.blob(value);
}

function writeItem(writer: ByteWriter, item: BatchItem): void {
  if (item === 'expire') {
    writer.byte(itemTypes.expire);
    return;
  }
  if ('compact' in item) {
    writer.byte(itemTypes.compaction);
    writer.whole(item.compact);
    return;
  }
  writer.byte(item.trace === undefined ? itemTypes.transaction : itemTypes.tracedTransaction);
  if (item.trace !== undefined) writer.text(item.trace);
  writer.whole(item.compares.length);
  for (const { key, revision } of item.compares) {
    writer.text(key);
    writer.whole(revision);
  }
  writer.whole(item.operations.length);
  for (const operation of item.operations) {
    if (operation.type === 'put') writePut(writer, operation);
    else {
      writer.byte(operationTypes.delete);
      writer.text(operation.key);
    }
  }
}

function readOperation(reader: ByteReader): Operation {
  const type = reader.byte();
  const key = reader.text();
  if (type === operationTypes.delete) return { type: 'delete', key };
  const revisionAt = reader.whole() - 1;
  if (type === operationTypes.barePut) return { type: 'put', key, value: reader.blob(), revisionAt, index: emptyIndex };
  const expiresAt = reader.double();
  const index = {
    uid: reader.text(),
    labels: readTexts(reader),
    fields: readTexts(reader),
    owners: readOwners(reader),
  };
  const put = { type: 'put', key, value: reader.blob(), revisionAt, index } as const;
  return expiresAt === 0 ? put : { ...put, expiresAt };
}

function readOwners(reader: ByteReader): readonly string[] {
  const count = reader.whole();
  return count === 0 ? emptyIndex.owners : Array.from({ length: count }, () => reader.text());
}

const noCompares: readonly Compare[] = Object.freeze([]);

function readItem(reader: ByteReader): BatchItem {
  const type = reader.byte();
  if (type === itemTypes.expire) return 'expire';
  if (type === itemTypes.compaction) return { compact: reader.whole() as Revision };
  const traced = type === itemTypes.tracedTransaction ? { trace: reader.text() } : {};
  const compared = reader.whole();
  const compares =
    compared === 0
      ? noCompares
      : Array.from({ length: compared }, (): Compare => ({ key: reader.text(), revision: reader.whole() as Revision }));
  const operations: Operation[] = [];
  for (let left = reader.whole(); left > 0; left--) operations.push(readOperation(reader));
  return { compares, operations, ...traced };
}

/** Makes the bytes of batches, in memory that it uses again. */
export class BatchEncoder {
  readonly #writer = new ByteWriter();

  encode({ session, sequence, bornAt, now, items }: Batch): Uint8Array {
    const writer = this.#writer;
    writer.byte(format);
    writer.text(session);
    writer.whole(sequence);
    writer.whole(bornAt);
    writer.double(now);
    writer.whole(items.length);
    for (const item of items) writeItem(writer, item);
    return writer.take();
  }
}

/** Whether a batch has a layout that this program knows. */
export const isReadable = (data: Uint8Array): boolean => data[0] === format || rowMarks.includes(data[0]);

/**
 * The batch in a log entry, of this format or of an earlier one. Throws FormatError for another one, RangeError for
 * bytes that are none.
 */
export function decodeBatch(data: Uint8Array): Batch {
  if (rowMarks.includes(data[0])) return decodeBatchRow(data);
  const [found] = data;
  if (found !== undefined && !isReadable(data)) throw new FormatError('an entry of the log', found, [format]);
  const reader = new ByteReader(data, 1);
  const [session, sequence, bornAt, now] = [reader.text(), reader.whole(), reader.whole(), reader.double()];
  const items: BatchItem[] = [];
  for (let left = reader.whole(); left > 0; left--) items.push(readItem(reader));
  return { session, sequence, bornAt, now, items };
}

/** Whose batch it is, and which: read without the rest. */
export function batchHead(data: Uint8Array): Pick<Batch, 'session' | 'sequence' | 'bornAt' | 'now'> {
  if (data[0] !== format) return decodeBatch(data);
  const reader = new ByteReader(data, 1);
  return { session: reader.text(), sequence: reader.whole(), bornAt: reader.whole(), now: reader.double() };
}

/** A batch whose time is this near to the leader's stays as it is. */
const sameTimeMs = 1_000;

/** The batch with the leader's time in it: its proposer's clock may be wrong. A copy, unless the times are close. */
export function stamped(data: Uint8Array, now: number): Uint8Array {
  if (data[0] !== format) return data;
  const reader = new ByteReader(data, 1);
  reader.text();
  reader.whole();
  reader.whole();
  const { position } = reader;
  if (Math.abs(reader.double() - now) < sameTimeMs) return data;
  const copy = Uint8Array.from(data);
  new DataView(copy.buffer).setFloat64(position, now);
  return copy;
}

/** About how many bytes a transaction takes in the log. */
export function sizeOf(transaction: Transaction): number {
  let bytes = 16 + transaction.compares.length * 64;
  for (const operation of transaction.operations)
    bytes += operation.key.length + (operation.type === 'put' ? operation.value.length + 128 : 0);
  return bytes;
}
