/** The store as the floors above see it: the port, its status and its error. */
import type { Revision } from '../base/index.ts';
import type {
  CompactedError,
  RangeQuery,
  RangeResult,
  StoredRecord,
  StoreEvent,
  Transaction,
  TransactionResult,
} from '../mvcc/index.ts';
import type { StoreMembers } from './administration.ts';

/** A standing watch; `close` ends it and no event comes after. */
export interface StoreWatch {
  close(): void;
}

/**
 * The store as the floors above see it: writes go through the log, reads come from this replica's memory.
 * Keys: `/<group or core>/<resource>/<namespace>/<name>` (namespaced) or `/<group or core>/<resource>/<name>`.
 */
export interface Store {
  /** The newest applied revision of this replica. */
  readonly revision: Revision;
  /** Durable on a majority when it resolves. Rejects with StoreError. */
  transact(transaction: Transaction, options?: { readonly deadlineMs?: number }): Promise<TransactionResult>;
  get(key: string): StoredRecord | undefined;
  /** Throws CompactedError when `revision` is no longer kept, StoreError `future` when it is not yet reached. */
  range(query: RangeQuery): RangeResult;
  /** How many keys start with the prefix. */
  count(prefix: string): number;
  /** The records whose owner references name this UID (from the index). */
  ownedBy(uid: string): readonly StoredRecord[];
  /** Resolves when a read from this replica is linearisable (ReadIndex). */
  readBarrier(): Promise<void>;
  /** Resolves when this replica has applied `revision`; rejects with StoreError `timeout`. */
  waitForRevision(revision: Revision, options?: { readonly deadlineMs?: number }): Promise<void>;
  /**
   * Events of keys under `prefix` with a revision > `after`, first from history, then live, batch by batch, without gap
   * or repeat. Throws CompactedError when history no longer reaches back to `after`. When this replica jumps by a
   * snapshot over changes that nobody keeps any more, the watch ends, and `onLost` hears the same error once: read the
   * present state and watch from there. With a `field`, live events of records that neither have nor had its value are
   * left out.
   */
  watch(
    query: Pick<RangeQuery, 'prefix' | 'field'> & { readonly after: Revision },
    listener: (events: readonly StoreEvent[]) => void,
    onLost: (error: CompactedError) => void,
  ): StoreWatch;
  /**
   * Every applied batch, whatever its keys, with the revision reached: for wake-ups, the event feed and bookmarks.
   * Where the replica jumps over changes that nobody keeps any more, it is the difference of the two states.
   */
  onApplied(listener: (events: readonly StoreEvent[], revision: Revision) => void): StoreWatch;
  /** For operators: role, term, leader, applied index, log and snapshot sizes, sync times. */
  status(): StoreStatus;
  close(): Promise<void>;
}

/** A member's store, with what operators need beside reading and writing. */
export interface StoreMember extends Store {
  readonly members: StoreMembers;
  /**
   * The state of the moment of the first read, with a hash at its end; `verifyBackup` and `restoreBackup` read it.
   * Writes go on meanwhile.
   */
  backup(): AsyncIterable<Uint8Array>;
  /**
   * Ends the past at `revision` (the newest by default) on every member, and lets this member's log go behind a
   * snapshot.
   */
  compact(revision?: Revision): Promise<void>;
}

export interface StoreStatus {
  readonly member: string;
  readonly role: 'leader' | 'follower' | 'candidate' | 'learner';
  readonly leader?: string | undefined;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: number;
  readonly keys: number;
  readonly logBytes: number;
  /** Duration of the last log sync, in ms. */
  readonly lastSyncMs: number;
  /** The median and the longest of the last syncs, in ms; 0 before the first. */
  readonly syncMs?: { readonly median: number; readonly longest: number };
  /** What keeps this member from taking every write or from leading, and what it refuses to believe. */
  readonly alarms?: readonly StoreAlarm[] | undefined;
  /** The course of the log that this member takes part in; '' while it has not heard of one. */
  readonly timeline?: string | undefined;
  readonly voters?: readonly string[] | undefined;
  readonly learners?: readonly string[] | undefined;
  /** The oldest revision that is still readable. */
  readonly oldestRevision?: number | undefined;
  /** Size of the newest snapshot. */
  readonly snapshotBytes?: number | undefined;
  /** The leader alone knows it: the last entry that each member has. */
  readonly progress?: Readonly<Record<string, number>> | undefined;
}

/** What an alarm can be about; `owed-entries`: the disk lost the newest entries of the log (docs/adr/0015). */
export const storeAlarmTypes = ['quota', 'disk-full', 'foreign-member', 'owed-entries'] as const;

/** Something that an operator must look at. */
export interface StoreAlarm {
  readonly type: (typeof storeAlarmTypes)[number];
  /** What is wrong, and what to do. */
  readonly message: string;
}

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code:
    | 'no-leader'
    | 'timeout'
    | 'overloaded'
    | 'disk-full'
    | 'stopped'
    | 'not-reached'
    | 'corrupt'
    /** The files, or the members that answer, are of another member's or another timeline's store. */
    | 'foreign'
    | 'newer-format'
    | 'too-large'
    | 'malformed';
  constructor(code: StoreError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
  /** Whether the same call may succeed later. A timed-out write may still have happened. */
  get retryable(): boolean {
    return (
      this.code === 'no-leader' || this.code === 'timeout' || this.code === 'overloaded' || this.code === 'disk-full'
    );
  }
}
