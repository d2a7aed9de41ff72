/** Which transactions are refused before the log, and the alarms that say why. */
import { limits } from '../base/index.ts';
import type { Operation, Transaction } from '../mvcc/index.ts';
import type { Raft } from '../raft/core/index.ts';
import type { WriteAheadLog } from '../raft/wal/index.ts';
import { sizeOf } from './batch/index.ts';
import type { StoreOptions } from './options.ts';
import { type StoreAlarm, StoreError } from './store.ts';

/**
 * Whether the log can still take what frees space: deletions and expiries, from a reserve that other writes leave
 * alone.
 */
export function hasRoom(options: StoreOptions, wal: WriteAheadLog, frees: boolean): boolean {
  if (wal.shortage === undefined) return true;
  const reserve = (options.segmentBytes ?? limits.segmentBytes) / 4;
  return wal.roomBytes >= (frees ? reserve / 8 : reserve);
}

/** Why a transaction is not even tried; undefined when it may go. */
export function refusal(
  options: StoreOptions,
  wal: WriteAheadLog,
  transaction: Transaction,
  count: (prefix: string) => number,
): StoreError | undefined {
  const text =
    transaction.compares.map(({ key }) => key).find((key) => !isKey(key)) ?? malformedText(transaction.operations);
  if (text !== undefined)
    return new StoreError(
      'malformed',
      `${JSON.stringify(text.slice(0, 100))} cannot be stored as a key or in an index: give it whole characters, ` +
        'a key at least one, and no U+FFFF in a key',
    );
  const twice = keyNamedTwice(transaction.operations);
  if (twice !== undefined)
    return new StoreError(
      'malformed',
      `${twice} is written twice in one transaction, which has one revision: write its last value once`,
    );
  for (const operation of transaction.operations) {
    if (operation.type === 'put' && operation.value.length > limits.objectBytesMax) {
      return new StoreError(
        'too-large',
        `${operation.key} has ${operation.value.length} bytes, at most ${limits.objectBytesMax} are stored`,
      );
    }
  }
  if (sizeOf(transaction) > limits.batchBytesMax)
    return new StoreError('too-large', 'the transaction is larger than a log batch');
  const full = (options.quotas ?? []).find(
    ({ prefix, keysMax }) =>
      transaction.operations.some((operation) => operation.type === 'put' && operation.key.startsWith(prefix)) &&
      count(prefix) >= keysMax,
  );
  if (full !== undefined)
    return new StoreError(
      'overloaded',
      `there are ${full.keysMax} keys under ${full.prefix}, which is the most that is stored; delete some or let ` +
        'them expire',
    );
  if (
    hasRoom(
      options,
      wal,
      transaction.operations.every((operation) => operation.type === 'delete'),
    )
  )
    return undefined;
  return new StoreError(
    'disk-full',
    `the disk of ${options.folder} is full: delete objects or free space; writes resume by themselves`,
    wal.shortage,
  );
}

function keyNamedTwice(operations: readonly Operation[]): string | undefined {
  if (operations.length < 2) return undefined;
  const keys = new Set<string>();
  for (const { key } of operations) {
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return undefined;
}

/** U+FFFF marks the end of a prefix. */
function isKey(key: string): boolean {
  return key !== '' && !key.includes('\uffff') && key.isWellFormed();
}

/**
 * The first text that is not the same after its way through the log: half of a surrogate pair has no UTF-8, so the
 * proposer, which applies what it has in memory, would differ from all others.
 */
function malformedText(operations: readonly Operation[]): string | undefined {
  for (const operation of operations) {
    if (!isKey(operation.key)) return operation.key;
    if (operation.type === 'delete') continue;
    const { uid, owners, labels, fields } = operation.index;
    if (!uid.isWellFormed()) return uid;
    const found = owners.find((owner) => !owner.isWellFormed()) ?? malformedPair(labels) ?? malformedPair(fields);
    if (found !== undefined) return found;
  }
  return undefined;
}

function malformedPair(texts: Readonly<Record<string, string>>): string | undefined {
  for (const name in texts) {
    const text = texts[name] ?? '';
    if (!name.isWellFormed()) return name;
    if (!text.isWellFormed()) return text;
  }
  return undefined;
}

/** A member whose disk lost entries that it may have acknowledged (docs/adr/0015-lost-log-ends.md). */
export function owedAlarms(member: string, { owed }: Pick<Raft, 'owed'>): readonly StoreAlarm[] {
  if (owed === undefined) return [];
  return [
    {
      type: 'owed-entries',
      message:
        `the disk of ${member} lost the newest of its log, which went up to entry ${owed.index} of term ` +
        `${owed.term}: ${member} seeks no votes until a leader has given it back. Without a leader, ` +
        'start the members that are down; if they are lost for good, stop all and run: troupe store recover',
    },
  ];
}

/** What stands in the way of writes at present. */
export function alarmsOf(
  options: StoreOptions,
  wal: WriteAheadLog,
  count: (prefix: string) => number,
): readonly StoreAlarm[] {
  const quotas = (options.quotas ?? [])
    .filter(({ prefix, keysMax }) => count(prefix) >= keysMax)
    .map(({ prefix, keysMax }): StoreAlarm => ({
      type: 'quota',
      message: `${keysMax} keys under ${prefix} is the most that is stored: delete some or let them expire`,
    }));
  return wal.shortage === undefined
    ? quotas
    : [
        ...quotas,
        {
          type: 'disk-full',
          message: `the disk of ${options.folder} is full: free space or delete objects; writes resume by themselves`,
        },
      ];
}
