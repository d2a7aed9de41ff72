/** The versioned key space: reads, transactions, expiry and compaction. */
import { assert, type Due, DueQueue, limits, type Revision } from '../base/index.ts';
import { CountedTree } from './counted-tree.ts';
import { FieldIndex } from './field-index.ts';
import { History } from './history.ts';
import { OwnerIndex } from './owner-index.ts';
import {
  CompactedError,
  type PutOperation,
  type RangeQuery,
  type RangeResult,
  type StoredRecord,
  type StoreEvent,
  type Transaction,
  type TransactionResult,
} from './record.ts';
import { SharedTexts } from './shared-texts.ts';
import { Slabs } from './slabs.ts';
import { eventOf, ObjectCache, Version } from './version.ts';

export interface KeySpaceOptions {
  /** How long the past stays readable, in ms of the log's time. */
  readonly historyMs?: number | undefined;
  readonly historyEventsMax?: number | undefined;
  /** Bytes of versions that the past may hold. */
  readonly historyBytesMax?: number | undefined;
  /**
   * With so many keys, those that nobody wrote for as long as the history lasts are packed: it costs a little time and
   * saves memory and pauses.
   */
  readonly packedFrom?: number | undefined;
  /** Bytes of a chunk of a snapshot, about. */
  readonly chunkBytes?: number | undefined;
}

/** A moment of the log: at wall-clock `now` the key space stood at `revision`. */
export interface TimeMark {
  readonly now: number;
  readonly revision: Revision;
}

/** What one log entry did. `events` share one revision; they are empty when nothing was written. */
interface Applied {
  readonly result: TransactionResult;
  readonly events: readonly StoreEvent[];
}

/** The revision of an empty key space, as etcd has it: the first write makes 2, and 0 is free to mean "any". */
const firstRevision = 1 as Revision;
/** Keys that one expiry removes at most; the leader proposes another one when more are due. */
const expiredKeysMax = 512;
/** Marks per history span: how finely the past ends. */
const marksPerHistory = 60;
/**
 * Blocks for values that are new, and for those that have outlived the history: what may soon go does not hold back
 * what stays. The former are large enough to be given back to the system one by one.
 */
const recentBlockBytes = 256 * 1024;
const longLivedBlockBytes = 16 * 1024;
const packedFrom = 100_000;
const chunkBytes = 128 * 1024;
/**
 * Packing some dozens of neighbours takes as long as freeing very many versions, and where keys are written at random
 * it falls due for many places at the same time. This is less than its share: sixteen versions or more are freed for
 * each, and a sweep has to keep up with the writes.
 */
const packingCost = 8;

const none: readonly string[] = Object.freeze([]);

const endOf = (prefix: string): string => `${prefix}\uffff`;

/** The versioned key space: pure, synchronous, and a function of the entries applied to it. */
export class KeySpace {
  readonly cache = new ObjectCache();
  readonly history: History;
  readonly #historyMs: number;
  readonly #packedFrom: number;
  /** Bytes of a chunk of a snapshot, about. */
  readonly chunkBytes: number;
  /** Where new values go. */
  readonly #recent = new Slabs(recentBlockBytes);
  /** Where values move that outlived the history, and where restored ones are. */
  readonly longLived = new Slabs(longLivedBlockBytes);
  readonly #texts = new SharedTexts();
  /** Every key with its newest version, deletions included until the sweep. */
  readonly #tree = new CountedTree();
  readonly #owners = new OwnerIndex();
  readonly #fields = new FieldIndex();
  /** Keys that expire. An entry counts while its revision and its moment are those of the key's newest version. */
  readonly #expiry = new DueQueue<Due & { readonly revision: Revision }>(({ key, revision, at }) => {
    const head = this.#tree.get(key);
    return head !== undefined && !head.deleted && head.revision === revision && head.expiresAt === at;
  });
  /** Which revision stood at which time, oldest first; those older than the history are dropped, but for the last. */
  #marks: TimeMark[] = [];
  /** The smallest time of a mark: clocks of proposers differ, so it need not be the first. */
  #earliest = Number.POSITIVE_INFINITY;
  /** The newest revision. Grows by one for each transaction, or expiry, that wrote. */
  #revision: Revision = firstRevision;
  /** Snapshots and hashes under way. While there are any, nothing is freed. */
  #pins = 0;

  constructor(
    options: KeySpaceOptions = {},
    restored?: { readonly revision: Revision; readonly floor: Revision; readonly marks: readonly TimeMark[] },
  ) {
    this.#historyMs = options.historyMs ?? limits.historyMs;
    this.#packedFrom = options.packedFrom ?? packedFrom;
    this.chunkBytes = options.chunkBytes ?? chunkBytes;
    const historyLimits = {
      historyEventsMax: options.historyEventsMax ?? limits.watchHistoryEventsMax,
      historyBytesMax: options.historyBytesMax ?? 64 * 1024 * 1024,
    };
    this.#revision = restored?.revision ?? firstRevision;
    this.#setMarks([...(restored?.marks ?? [])]);
    this.history = new History(historyLimits, restored?.floor ?? firstRevision);
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** The oldest revision that can still be read, and after which watches can still start. */
  get oldest(): Revision {
    return this.history.floor;
  }

  get marks(): readonly TimeMark[] {
    return this.#marks;
  }

  /** When the next key may expire, in wall-clock ms. */
  get nextExpiryAt(): number | undefined {
    return this.#expiry.nextAt;
  }

  get(key: string): StoredRecord | undefined {
    const head = this.#tree.get(key);
    return head === undefined || head.deleted ? undefined : head;
  }

  count(prefix: string): number {
    if (prefix === '') return this.#tree.live;
    return this.#tree.rank(endOf(prefix)) - this.#tree.rank(prefix);
  }

  ownedBy(uid: string): readonly StoredRecord[] {
    return this.#owners.keysOf(uid).map((key) => this.#tree.get(key) as Version);
  }

  /** Throws CompactedError. A revision not yet reached is the caller's error. */
  range(query: RangeQuery): RangeResult {
    const revision = query.revision ?? this.#revision;
    assert(revision <= this.#revision, `revision ${revision} is not reached yet, the newest is ${this.#revision}`);
    if (revision < this.oldest) throw new CompactedError(revision, this.oldest);
    if (query.field !== undefined) return { records: this.#byField(query.prefix, query.field), revision, remaining: 0 };
    const records = this.#page(query, revision);
    const last = records[records.length - 1];
    const remaining =
      last !== undefined && records.length === query.limit ? this.#after(query.prefix, last.key, revision) : 0;
    return { records, revision, remaining };
  }

  /** Events under `prefix` with a revision > `after`, in order. Throws CompactedError. */
  eventsSince(prefix: string, after: Revision): readonly StoreEvent[] {
    if (after < this.oldest) throw new CompactedError(after, this.oldest);
    return after >= this.#revision ? [] : this.history.since(prefix, after).map(eventOf);
  }

  /** Applies one transaction: all of its operations, at the next revision, or none. `now` comes from the log. */
  apply(transaction: Transaction, now: number): Applied {
    const changes: Version[] = [];
    const records: (Version | undefined)[] = [];
    const failed = this.applyInto(transaction, now, { changes, records });
    const { revision } = this;
    return {
      result: failed < 0 ? { committed: true, revision, records } : { committed: false, revision, failed },
      events: changes.map(eventOf),
    };
  }

  /**
   * As `apply`, for many: adds the versions that it made to `changes`, and what became of each operation to `records`.
   * The position of the compare that failed; -1 when none did.
   */
  applyInto(
    transaction: Transaction,
    now: number,
    into: { readonly changes: Version[]; readonly records?: (Version | undefined)[] | undefined },
  ): number {
    this.#noteTime(now);
    const { compares, operations } = transaction;
    const failed = compares.findIndex(({ key, revision }) => (this.get(key)?.revision ?? 0) !== revision);
    if (failed >= 0) return failed;
    const revision = (this.#revision + 1) as Revision;
    const { changes, records } = into;
    const first = changes.length;
    for (const operation of operations) {
      const order = changes.length - first;
      const record =
        operation.type === 'put' ? this.#put(operation, revision, order) : this.#delete(operation.key, revision, order);
      if (record !== undefined) {
        record.trace = transaction.trace;
        changes.push(record);
      }
      records?.push(record);
    }
    this.#commit(changes, first, revision);
    return -1;
  }

  /** Lets log time pass: removes keys that expired, all at one revision, and lets the past end where it is too old. */
  expire(now: number): readonly StoreEvent[] {
    const changes: Version[] = [];
    this.expireInto(now, changes);
    return changes.map(eventOf);
  }

  /** As `expire`; adds the versions that it made to `changes`. */
  expireInto(now: number, changes: Version[]): void {
    this.#noteTime(now);
    const revision = (this.#revision + 1) as Revision;
    const first = changes.length;
    for (const key of this.#expiry.takeDue(now, expiredKeysMax)) {
      const record = this.#delete(key, revision, changes.length - first);
      if (record !== undefined) changes.push(record);
    }
    this.#commit(changes, first, revision);
  }

  /** Ends the past at `revision`: nothing older is readable from here on. Memory is freed by `sweep`. */
  compact(revision: Revision): void {
    this.history.raiseFloor(Math.min(revision, this.#revision) as Revision);
  }

  /**
   * Goes on at a later revision, and ends the past there: for a state that begins another future than the one that its
   * readers may have seen.
   */
  skipTo(revision: Revision): void {
    assert(revision >= this.#revision && Number.isSafeInteger(revision), `revision ${revision} lies ahead`);
    this.#revision = revision;
    this.history.raiseFloor(revision);
    this.#setMarks([]);
  }

  /**
   * Frees up to `events` versions that no reader can reach, fewer where neighbours have to be packed. True while more
   * are left.
   */
  sweep(events: number): boolean {
    if (this.#pins > 0) return false;
    return this.history.sweep(events, (record) => (this.#free(record) ? packingCost : 1));
  }

  /** Keeps every version readable until the returned function is called: a snapshot in steps needs them. */
  pin(): () => void {
    this.#pins += 1;
    let pinned = true;
    return () => {
      if (pinned) this.#pins -= 1;
      pinned = false;
    };
  }

  /** Visits the newest version of each key from `from` on, deletions included, until `visit` returns false. */
  scan(from: string, visit: (head: Version) => boolean): void {
    this.#tree.scan(from, visit);
  }

  /**
   * For the snapshot codec: places a key's newest version with its chain. Events are given to the history separately.
   */
  restore(head: Version): void {
    this.#tree.locate(head.key);
    this.#tree.place(head);
    if (head.deleted) return;
    if (head.revision <= this.oldest && this.#tree.live >= this.#packedFrom) this.#makeLongLived(head);
    this.#owners.replace(head.key, [], head.index.owners);
    this.#fields.replace(head.key, undefined, head.index.fields);
    if (head.expiresAt > 0) this.#expiry.push({ at: head.expiresAt, key: head.key, revision: head.revision });
  }

  #byField(prefix: string, { name, value }: NonNullable<RangeQuery['field']>): StoredRecord[] {
    const keys = this.#fields.keysOf(name, value);
    if (keys === undefined)
      return this.#page({ prefix }, this.#revision).filter(({ index }) => index.fields[name] === value);
    return keys.filter((key) => key.startsWith(prefix)).map((key) => this.#tree.get(key) as Version);
  }

  #page(query: RangeQuery, revision: Revision): Version[] {
    const { prefix, after = '', limit = Number.POSITIVE_INFINITY } = query;
    const records: Version[] = [];
    if (limit <= 0) return records;
    this.#tree.scan(after >= prefix ? `${after}\0` : prefix, (head) => {
      if (!head.key.startsWith(prefix)) return false;
      const version = head.at(revision);
      if (version !== undefined) records.push(version);
      return records.length < limit;
    });
    return records;
  }

  #after(prefix: string, key: string, revision: Revision): number {
    const now = this.#tree.rank(endOf(prefix)) - this.#tree.rank(`${key}\0`);
    return revision === this.#revision ? now : now - this.history.growth(prefix, key, revision);
  }

  #put(operation: PutOperation, revision: Revision, order: number): Version {
    const { revisionAt, expiresAt = 0 } = operation;
    const head = this.#tree.locate(operation.key);
    const previous = head === undefined || head.deleted ? undefined : head;
    const key = head?.key ?? operation.key;
    const index = this.#texts.index(operation.index, previous?.index);
    const slab = this.#recent.putWithRevision(operation.value, revision, { at: revisionAt, replaced: 0 });
    const record = new Version({
      key,
      revision,
      createRevision: previous?.createRevision ?? revision,
      slab,
      index,
      revisionAt,
      expiresAt,
      deleted: false,
      order,
      cache: this.cache,
    });
    record.older = head;
    if (head !== undefined) head.replaced = true;
    this.#tree.place(record);
    this.#owners.replace(key, previous?.index.owners ?? none, index.owners);
    this.#fields.replace(key, previous?.index.fields, index.fields);
    if (expiresAt > 0) this.#expiry.push({ at: expiresAt, key, revision });
    return record;
  }

  #delete(name: string, revision: Revision, order: number): Version | undefined {
    const previous = this.#tree.locate(name);
    if (previous === undefined || previous.deleted) return undefined;
    const { key, createRevision, index, revisionAt } = previous;
    const slab = this.#recent.putWithRevision(previous.bytes, revision, {
      at: revisionAt,
      replaced: String(previous.revision).length,
    });
    const record = new Version({
      key,
      revision,
      createRevision,
      slab,
      index,
      revisionAt,
      expiresAt: 0,
      deleted: true,
      order,
      cache: this.cache,
    });
    record.older = previous;
    previous.replaced = true;
    this.#tree.place(record);
    this.#owners.replace(key, index.owners, none);
    this.#fields.replace(key, index.fields, undefined);
    return record;
  }

  /**
   * Nobody can read what this version replaced any more; a deletion goes too, and one that lives on makes room. True
   * when neighbours were packed.
   */
  #free(record: Version): boolean {
    record.older = undefined;
    record.trace = undefined;
    if (record.replaced) return false;
    if (!record.deleted) return this.#makeLongLived(record);
    this.#tree.delete(record.key);
    return false;
  }

  /** A version that lives on makes room. True when neighbours were packed. */
  #makeLongLived(record: Version): boolean {
    if (this.#tree.live >= this.#packedFrom) return this.#tree.pack(record.key, this.oldest, this.cache);
    if (this.#recent.shares(record.size)) record.move(this.longLived);
    return false;
  }

  #commit(changes: readonly Version[], first: number, revision: Revision): void {
    if (changes.length === first) return;
    this.#revision = revision;
    for (let position = first; position < changes.length; position++) this.history.push(changes[position] as Version);
    this.history.trim();
  }

  /** Marks the time now and then, and ends the past at the newest mark that is old enough. */
  #noteTime(now: number): void {
    const last = this.#marks[this.#marks.length - 1];
    if (
      last === undefined ||
      (now - last.now >= this.#historyMs / marksPerHistory && last.revision !== this.#revision)
    ) {
      this.#marks.push({ now, revision: this.#revision });
      this.#earliest = Math.min(this.#earliest, now);
    }
    if (this.#earliest > now - this.#historyMs) return;
    const old = this.#marks.findLastIndex((mark) => mark.now <= now - this.#historyMs);
    this.history.raiseFloor((this.#marks[old] as TimeMark).revision);
    // The last mark stays, even when it is old: it says that nothing was written since.
    this.#setMarks(this.#marks.slice(old === this.#marks.length - 1 ? old : old + 1));
  }

  #setMarks(marks: TimeMark[]): void {
    this.#marks = marks;
    this.#earliest = marks.reduce((earliest, { now }) => Math.min(earliest, now), Number.POSITIVE_INFINITY);
  }
}
