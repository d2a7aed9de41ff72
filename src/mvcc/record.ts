/** What the store's users see: records, transactions, events and ranges. */
import type { Revision } from '../base/index.ts';

/** What is kept beside a record's bytes, so that lists and watches select without parsing. */
export interface RecordIndex {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Selectable fields, e.g. `spec.nodeName`; `metadata.name` and `metadata.namespace` are always among them. */
  readonly fields: Readonly<Record<string, string>>;
  /** UIDs of the owner references. */
  readonly owners: readonly string[];
}

const noTexts: Readonly<Record<string, string>> = Object.freeze({});
/** What many records without an index share: each would keep four empty objects. */
export const emptyIndex: RecordIndex = Object.freeze({
  uid: '',
  labels: noTexts,
  fields: noTexts,
  owners: Object.freeze([]),
});

/**
 * A stored object at one revision. The bytes are its JSON with the resourceVersion in place; they are never changed.
 */
export interface StoredRecord {
  readonly key: string;
  /** The revision of this version (metadata.resourceVersion). */
  readonly revision: Revision;
  /** The revision at which the key was created. */
  readonly createRevision: Revision;
  readonly bytes: Uint8Array;
  readonly index: RecordIndex;
  /** As `bytes`, for readers that visit very many records once: nothing is cached. */
  view(): Uint8Array;
  /** The parsed, deeply frozen object: made at the first call and cached. */
  object<T = unknown>(): T;
}

/** Writes `value` at `key`. The revision's decimal digits are inserted into `value` at byte `revisionAt`. */
export interface PutOperation {
  readonly type: 'put';
  readonly key: string;
  readonly value: Uint8Array;
  /** Where the resourceVersion's digits go; -1 when the value has no place for them. */
  readonly revisionAt: number;
  readonly index: RecordIndex;
  /** Wall-clock ms after which the key is removed (Events); decided through the log, never by a local clock. */
  readonly expiresAt?: number | undefined;
}

/** Removes `key`. The event's record carries the deletion's revision in its bytes. */
export interface DeleteOperation {
  readonly type: 'delete';
  readonly key: string;
}

export type Operation = PutOperation | DeleteOperation;

/** A precondition. `revision` 0 means that the key must not exist. */
export interface Compare {
  readonly key: string;
  readonly revision: Revision;
}

export interface Transaction {
  readonly compares: readonly Compare[];
  readonly operations: readonly Operation[];
  /** The request that it belongs to (a W3C traceparent), passed on with the change. No part of the state. */
  readonly trace?: string | undefined;
}

/**
 * `records[i]` belongs to `operations[i]`: the new record of a put, the removed one (at the deletion's revision) of a
 * delete.
 */
export type TransactionResult =
  | { readonly committed: true; readonly revision: Revision; readonly records: readonly (StoredRecord | undefined)[] }
  | {
      readonly committed: false;
      readonly revision: Revision;
      /** Index of the first compare that did not hold. */ readonly failed: number;
    };

/** One change, in the order of revisions. Changes of one transaction share a revision. */
export interface StoreEvent {
  readonly type: 'put' | 'delete';
  readonly revision: Revision;
  readonly record: StoredRecord;
  /** The version before; absent for a creation. */
  readonly previous?: StoredRecord | undefined;
  /** The transaction's; absent after a restart or a snapshot. */
  readonly trace?: string | undefined;
}

export interface RangeQuery {
  /** All keys that start with it. */
  readonly prefix: string;
  /** Only keys after this one (exclusive): the next page. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  /** Read as of this revision; absent: the newest. */
  readonly revision?: Revision | undefined;
  /**
   * Only records whose index has this value in the field. Where the field has an index, the others cost nothing; works
   * without `revision` and `limit`.
   */
  readonly field?: { readonly name: string; readonly value: string } | undefined;
}

export interface RangeResult {
  readonly records: readonly StoredRecord[];
  /** The revision at which the range was read. */
  readonly revision: Revision;
  /** How many more keys follow the last record within the prefix. */
  readonly remaining: number;
}

/** The asked revision is older than what is kept: Kubernetes answers 410 Expired. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly oldest: Revision;
  constructor(asked: number, oldest: Revision) {
    super(`revision ${asked} was compacted, the oldest kept is ${oldest}`);
    this.oldest = oldest;
  }
}
