/** This member's transactions on their way through the log. */
import { BoundedQueue, limits } from '../base/index.ts';
import type { TransactionResult } from '../mvcc/index.ts';
import { type Batch, BatchEncoder, type BatchItem, sizeOf } from './batch/index.ts';
import type { Sessions } from './sessions.ts';
import { StoreError } from './store.ts';

/** A transaction that waits for its result. */
interface Waiting {
  readonly item: BatchItem;
  readonly bytes: number;
  /** Monotonic ms. */
  readonly deadline: number;
  readonly resolve: (result: TransactionResult) => void;
  readonly reject: (error: StoreError) => void;
  settled: boolean;
}

/** A batch that was proposed and is not applied yet. */
interface InFlight {
  readonly batch: Batch;
  readonly data: Uint8Array;
  readonly waiting: readonly Waiting[];
  /** When it was proposed first, and last, in monotonic ms. */
  readonly since: number;
  proposedAt: number;
}

/** Bytes of one batch, unless a single transaction is larger. */
const batchBytesMax = 1024 * 1024;
const batchItemsMax = 1024;

function settle(waiting: Waiting, end: (waiting: Waiting) => void): void {
  if (waiting.settled) return;
  waiting.settled = true;
  end(waiting);
}

/** This member's transactions on their way: first in the queue, then in flight as batches, in order. */
export class Proposals {
  readonly #encoder = new BatchEncoder();
  /** The name under which batches are proposed. Replaced when the log has forgotten it. */
  #session: string;
  /** The session's birth, in batches that the state machine had taken; set with the session's first batch. */
  #bornAt = 0;
  /** What was not yet proposed, oldest first. What is settled already is skipped when its turn comes. */
  readonly #queue = new BoundedQueue<Waiting>(limits.proposalsMax);
  /** Bytes of what is in the queue. */
  #queuedBytes = 0;
  /** By sequence, oldest first. A batch leaves when it was applied, here or within a snapshot. */
  readonly #inFlight = new Map<number, InFlight>();
  /** The sequence of the newest batch of the session; 0 before the first. */
  #sequence = 0;
  /** Transactions in the batches in flight; with the queue at most `limits.proposalsMax`. */
  #transactionsInFlight = 0;
  /** Since when no leader is known, in monotonic ms; undefined while one is. */
  #leaderlessSince: number | undefined;

  constructor(session: string) {
    this.#session = session;
  }

  /** Who this member is in the log at present, and since when. */
  get identity(): Pick<Batch, 'session' | 'bornAt'> {
    return { session: this.#session, bornAt: this.#bornAt };
  }

  /**
   * The log has forgotten this session, and with it will never apply what is in flight: a new session takes it over, in
   * order.
   */
  renew(session: string): void {
    const waiting = [...this.#inFlight.values()].flatMap((proposed) => proposed.waiting);
    for (let next = this.#shift(); next !== undefined; next = this.#shift()) waiting.push(next);
    for (const next of waiting) if (!next.settled) this.#push(next);
    this.#inFlight.clear();
    this.#transactionsInFlight = 0;
    this.#session = session;
    this.#sequence = 0;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get batchesInFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Whether a batch is worth its way now: always when none is on its way; else, up to `batchesMax` of them, when half
   * as much waits as is in flight. Many small batches would cost every member a message and a sync each.
   */
  shouldFlush(batchesMax: number): boolean {
    return (
      this.batchesInFlight === 0 ||
      (this.batchesInFlight < batchesMax && this.#queue.length * 2 >= this.#transactionsInFlight)
    );
  }

  get idle(): boolean {
    return this.#queue.length === 0 && this.#inFlight.size === 0;
  }

  /** `stuck`: nothing was committed for too long, so one more write would only wait as well. */
  add(item: BatchItem, deadline: number, stuck = false): Promise<TransactionResult> {
    if (stuck)
      return Promise.reject(
        new StoreError('overloaded', 'nothing is committed at the moment: most members cannot write; try again later'),
      );
    return new Promise((resolve, reject) => {
      const bytes = item === 'expire' || 'compact' in item ? 1 : sizeOf(item);
      const accepted =
        this.#queue.length + this.#transactionsInFlight < limits.proposalsMax &&
        (this.#queue.length === 0 || this.#queuedBytes + bytes <= limits.proposalsBytesMax) &&
        this.#push({ item, bytes, deadline, resolve, reject, settled: false });
      const { length } = this.#queue;
      if (!accepted)
        reject(
          new StoreError(
            'overloaded',
            `${length + this.#transactionsInFlight} writes wait for the log already; try again later`,
          ),
        );
    });
  }

  #push(waiting: Waiting): boolean {
    const taken = this.#queue.push(waiting);
    if (taken) this.#queuedBytes += waiting.bytes;
    return taken;
  }

  #shift(): Waiting | undefined {
    const waiting = this.#queue.shift();
    if (waiting !== undefined) this.#queuedBytes -= waiting.bytes;
    return waiting;
  }

  /**
   * Makes the next batch of what waits; undefined when nothing does. `moment`: when a session that begins now is born.
   */
  take(now: number, monotonic: number, moment: number): Uint8Array | undefined {
    const waiting: Waiting[] = [];
    let bytes = 0;
    for (let next = this.#shift(); next !== undefined; next = this.#shift()) {
      if (!next.settled) {
        waiting.push(next);
        bytes += next.bytes;
      }
      if (bytes >= batchBytesMax || waiting.length >= batchItemsMax) break;
    }
    if (waiting.length === 0) return undefined;
    if (this.#sequence === 0) this.#bornAt = moment;
    this.#sequence += 1;
    const batch = { ...this.identity, sequence: this.#sequence, now, items: waiting.map(({ item }) => item) };
    const data = this.#encoder.encode(batch);
    this.#inFlight.set(batch.sequence, { batch, data, waiting, since: monotonic, proposedAt: monotonic });
    this.#transactionsInFlight += waiting.length;
    return data;
  }

  /** This member's own batch, when `data` is one: spares decoding it. */
  own(data: Uint8Array): Batch | undefined {
    for (const proposed of this.#inFlight.values()) if (proposed.data === data) return proposed.batch;
    return undefined;
  }

  /** A batch of this session was applied: the results go to those who wait. */
  finish(sequence: number): ((results: readonly (TransactionResult | undefined)[]) => void) | undefined {
    const proposed = this.#inFlight.get(sequence);
    if (proposed === undefined) return undefined;
    this.#inFlight.delete(sequence);
    this.#transactionsInFlight -= proposed.waiting.length;
    return (results) => {
      for (const [position, waiting] of proposed.waiting.entries()) {
        const result = results[position];
        if (result !== undefined)
          settle(waiting, ({ resolve }) => {
            resolve(result);
          });
      }
    };
  }

  /**
   * Batches up to `sequence` came applied within a snapshot: they are no longer on their way, and their results are
   * nowhere.
   */
  markApplied(sequence: number): void {
    for (const [number, proposed] of this.#inFlight) {
      if (number > sequence) return;
      this.#inFlight.delete(number);
      this.#transactionsInFlight -= proposed.waiting.length;
      const error = new StoreError(
        'timeout',
        'the write was carried out, but its result is unknown: this member got it within a snapshot',
      );
      for (const waiting of proposed.waiting)
        settle(waiting, ({ reject }) => {
          reject(error);
        });
    }
  }

  /** A snapshot came, with these sessions. `name` makes a new session when this one is not among them. */
  reconcileSessions(sessions: Pick<Sessions, 'isForgotten' | 'lastOf'>, name: () => string): void {
    if (sessions.isForgotten(this.identity)) this.abandon(name());
    else this.markApplied(sessions.lastOf(this.#session));
  }

  /** A snapshot came from which the session is gone: what is in flight may be in it, and nobody knows. */
  abandon(session: string): void {
    const error = new StoreError(
      'timeout',
      'the write may have been carried out: the log has forgotten this member, which was out of touch too long',
    );
    for (const proposed of this.#inFlight.values())
      for (const waiting of proposed.waiting)
        settle(waiting, ({ reject }) => {
          reject(error);
        });
    this.renew(session);
  }

  /** How long ago the oldest batch in flight was proposed, in ms; 0 when none is. */
  oldestInFlightMs(monotonic: number): number {
    for (const oldest of this.#inFlight.values()) return monotonic - oldest.proposedAt;
    return 0;
  }

  /** Whether the oldest batch in flight has waited for its commit too long. */
  isStuck(monotonic: number): boolean {
    for (const { since } of this.#inFlight.values()) return monotonic - since > limits.logStuckMs;
    return false;
  }

  /** All batches in flight, in order, to be proposed again: a leader may have lost them. */
  inFlightBatches(monotonic: number): readonly Uint8Array[] {
    return [...this.#inFlight.values()].map((proposed) => {
      proposed.proposedAt = monotonic;
      return proposed.data;
    });
  }

  /**
   * Rejects what has waited past its deadline, and what is queued while no leader has been known for long. What is in
   * flight may still be applied later; what was queued is forgotten.
   */
  expire(monotonic: number, leaderKnown: boolean): void {
    this.#leaderlessSince = leaderKnown ? undefined : (this.#leaderlessSince ?? monotonic);
    const leaderless = this.#leaderlessSince !== undefined && monotonic - this.#leaderlessSince >= limits.leaderlessMs;
    const late = (waiting: Waiting, error: () => StoreError, hopeless = false): void => {
      if (hopeless || monotonic >= waiting.deadline)
        settle(waiting, ({ reject }) => {
          reject(error());
        });
    };
    const inFlight = (): StoreError =>
      new StoreError('timeout', 'the write was not committed in time; it may still happen');
    const queued = (): StoreError =>
      leaderKnown
        ? new StoreError('timeout', 'the write waited too long for the log')
        : new StoreError('no-leader', 'no leader is known');
    for (const proposed of this.#inFlight.values()) for (const waiting of proposed.waiting) late(waiting, inFlight);
    for (let left = this.#queue.length; left > 0; left--) {
      const waiting = this.#shift() as Waiting;
      late(waiting, queued, leaderless);
      if (!waiting.settled) this.#push(waiting);
    }
  }

  /** Rejects everything: the store stops. */
  rejectAll(error: StoreError): void {
    for (const proposed of this.#inFlight.values())
      for (const waiting of proposed.waiting)
        settle(waiting, ({ reject }) => {
          reject(error);
        });
    for (let next = this.#shift(); next !== undefined; next = this.#shift())
      settle(next, ({ reject }) => {
        reject(error);
      });
    this.#inFlight.clear();
    this.#transactionsInFlight = 0;
  }
}
