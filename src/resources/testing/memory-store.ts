import { deepFreeze } from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import {
  type Compare,
  CompactedError,
  type Operation,
  type RangeQuery,
  type RangeResult,
  type Store,
  type StoredRecord,
  StoreError,
  type StoreEvent,
  type StoreWatch,
  type Transaction,
  type TransactionResult,
} from '../../state/index.ts';
import { bytesAtRevision } from '../stored/encoding.ts';

interface Watcher {
  readonly prefix: string;
  readonly listener: (events: readonly StoreEvent[]) => void;
  readonly onLost: (error: CompactedError) => void;
}

/** Parsed objects are frozen, as the store's are: nobody may change what others read. */
function recordOf(fields: Omit<StoredRecord, 'object' | 'view'>): StoredRecord {
  let parsed: unknown;
  return {
    ...fields,
    view: () => fields.bytes,
    object: <T>() => (parsed ??= deepFreeze(JSON.parse(new TextDecoder().decode(fields.bytes)))) as T,
  };
}

function insertDigits(value: Uint8Array, at: number, revision: number): Uint8Array {
  if (at < 0) return value;
  const digits = new TextEncoder().encode(String(revision));
  const bytes = new Uint8Array(value.length + digits.length);
  bytes.set(value.subarray(0, at), 0);
  bytes.set(digits, at);
  bytes.set(value.subarray(at), at + digits.length);
  return bytes;
}

/** A store in memory for the unit tests of the write path: one replica, applied at once, history without end. */
export class MemoryStore implements Store {
  revision = 1 as Revision;
  readonly #records = new Map<string, StoredRecord>();
  readonly #history: StoreEvent[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #appliers = new Set<(events: readonly StoreEvent[], revision: Revision) => void>();
  /** Called before each transaction, to play another writer who comes first. */
  beforeTransact: (() => void) | undefined;
  oldest = 0;

  async transact({ compares, operations }: Transaction): Promise<TransactionResult> {
    const hook = this.beforeTransact;
    this.beforeTransact = undefined;
    hook?.();
    return Promise.resolve(this.apply(compares, operations));
  }

  apply(compares: readonly Compare[], operations: readonly Operation[]): TransactionResult {
    const failed = compares.findIndex(({ key, revision }) => (this.#records.get(key)?.revision ?? 0) !== revision);
    if (failed >= 0) return { committed: false, revision: this.revision, failed };
    this.revision = (this.revision + 1) as Revision;
    const events: StoreEvent[] = [];
    const records = operations.map((operation) => this.#perform(operation, events));
    this.#history.push(...events);
    this.tell(events);
    for (const { prefix, listener } of this.#watchers) {
      const seen = events.filter(({ record }) => record.key.startsWith(prefix));
      if (seen.length > 0) listener(seen);
    }
    return { committed: true, revision: this.revision, records };
  }

  /** Tells those who hear of every batch. */
  tell(events: readonly StoreEvent[]): void {
    for (const listener of this.#appliers) listener(events, this.revision);
  }

  #perform(operation: Operation, events: StoreEvent[]): StoredRecord | undefined {
    const previous = this.#records.get(operation.key);
    const { revision } = this;
    if (operation.type === 'delete') {
      if (previous === undefined) return undefined;
      this.#records.delete(operation.key);
      const bytes =
        previous.bytes.length > 2 && new TextDecoder().decode(previous.bytes).includes('"resourceVersion":"')
          ? bytesAtRevision(previous.bytes, revision)
          : previous.bytes;
      const record = recordOf({
        key: previous.key,
        createRevision: previous.createRevision,
        index: previous.index,
        revision,
        bytes,
      });
      events.push({ type: 'delete', revision, record, previous });
      return record;
    }
    const record = recordOf({
      key: operation.key,
      revision,
      createRevision: previous?.createRevision ?? revision,
      bytes: insertDigits(operation.value, operation.revisionAt, revision),
      index: operation.index,
    });
    this.#records.set(operation.key, record);
    events.push({ type: 'put', revision, record, ...(previous === undefined ? {} : { previous }) });
    return record;
  }

  get(key: string): StoredRecord | undefined {
    return this.#records.get(key);
  }

  range({ prefix, after, limit, revision, field }: RangeQuery): RangeResult {
    if (revision !== undefined && revision < this.oldest) throw new CompactedError(revision, this.oldest as Revision);
    if (revision !== undefined && revision > this.revision) throw new StoreError('not-reached', 'not reached yet');
    const all = [...this.#at(revision)]
      .filter(([key]) => key.startsWith(prefix) && (after === undefined || key > after))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, record]) => record)
      .filter(({ index }) => field === undefined || index.fields[field.name] === field.value);
    const records = limit === undefined ? all : all.slice(0, limit);
    return { records, revision: revision ?? this.revision, remaining: all.length - records.length };
  }

  #at(revision: Revision | undefined): ReadonlyMap<string, StoredRecord> {
    if (revision === undefined || revision === this.revision) return this.#records;
    const records = new Map<string, StoredRecord>();
    for (const event of this.#history) {
      if (event.revision > revision) break;
      if (event.type === 'put') records.set(event.record.key, event.record);
      else records.delete(event.record.key);
    }
    return records;
  }

  count(prefix: string): number {
    return [...this.#records.keys()].filter((key) => key.startsWith(prefix)).length;
  }

  ownedBy(uid: string): readonly StoredRecord[] {
    return [...this.#records.values()].filter((record) => record.index.owners.includes(uid));
  }

  readBarrier(): Promise<void> {
    return Promise.resolve();
  }

  waitForRevision(revision: Revision): Promise<void> {
    return revision <= this.revision ? Promise.resolve() : Promise.reject(new StoreError('timeout', 'not reached'));
  }

  watch(
    { prefix, after }: { readonly prefix: string; readonly after: Revision },
    listener: (events: readonly StoreEvent[]) => void,
    onLost: (error: CompactedError) => void,
  ): StoreWatch {
    if (after < this.oldest) throw new CompactedError(after, this.oldest as Revision);
    const missed = this.#history.filter(({ revision, record }) => revision > after && record.key.startsWith(prefix));
    if (missed.length > 0) listener(missed);
    const watcher: Watcher = { prefix, listener, onLost };
    this.#watchers.add(watcher);
    return {
      close: () => {
        this.#watchers.delete(watcher);
      },
    };
  }

  /** Plays a replica that goes on from a snapshot over changes that nobody keeps. */
  loseHistory(): void {
    this.oldest = this.revision;
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { onLost } of watchers) onLost(new CompactedError(0, this.revision));
  }

  onApplied(listener: (events: readonly StoreEvent[], revision: Revision) => void): StoreWatch {
    this.#appliers.add(listener);
    return {
      close: () => {
        this.#appliers.delete(listener);
      },
    };
  }

  status(): ReturnType<Store['status']> {
    return {
      member: 'm',
      role: 'leader',
      term: 1,
      commitIndex: 1,
      appliedIndex: 1,
      revision: this.revision,
      keys: this.#records.size,
      logBytes: 0,
      lastSyncMs: 0,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
