/** Those who wait for a linearisable read or for a revision. */
import { limits, type LogIndex } from '../base/index.ts';
import type { ReadState } from '../raft/core/index.ts';
import { StoreError } from './store.ts';

interface Waiter {
  /** Monotonic ms. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

interface Round {
  waiters: readonly Waiter[];
  /** The applied index that makes them linearisable; undefined until the leader answered. */
  index: LogIndex | undefined;
  /** When the leader was asked last, in monotonic ms. */
  askedAt: number;
}

/** A round without an answer is asked for again after this long: a message or a leader was lost. */
const repeatMs = 100;

/** Asks the leader for a read of this context; false when none is known. */
type Ask = (context: number) => boolean;

/**
 * Linearisable reads: all that come while a round is being asked for share the next one. A round that is asked for
 * again keeps its context: each answer tells of a moment after its readers came, so on a slow network the first one
 * still counts.
 */
export class LinearReads {
  /** Readers who came since the last round began: they share the next one. */
  #waiting: Waiter[] = [];
  /** Rounds whose readers still wait, by context, oldest first. */
  readonly #rounds = new Map<number, Round>();
  /** The context of the newest round. Only grows. */
  #context: number;
  /** Since when no leader is known, in monotonic ms; undefined while one is. */
  #leaderlessSince: number | undefined;

  /**
   * `firstContext` differs from one start of the member to the next: a late answer to a read of its life before must
   * not count.
   */
  constructor(firstContext: number) {
    this.#context = firstContext;
  }

  add(deadline: number): Promise<void> {
    if (this.#waiting.length >= limits.readsWaitingMax)
      return Promise.reject(
        new StoreError('overloaded', `${this.#waiting.length} reads wait for the leader already; try again later`),
      );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ deadline, resolve, reject });
    });
  }

  /** Begins a round for all that wait, unless too many wait for their answer: the readers then share a later one. */
  begin(monotonic: number, ask: Ask): void {
    const context = this.#context + 1;
    if (this.#waiting.length === 0 || this.#rounds.size >= limits.readRoundsMax || !ask(context)) return;
    this.#context = context;
    this.#rounds.set(context, { waiters: this.#waiting, index: undefined, askedAt: monotonic });
    this.#waiting = [];
  }

  answered(reads: readonly ReadState[]): void {
    for (const { context, index } of reads) {
      const round = this.#rounds.get(context);
      if (round !== undefined) round.index ??= index;
    }
  }

  /** Entries up to `index` are applied. */
  applied(index: LogIndex): void {
    for (const [context, round] of this.#rounds) {
      if (round.index === undefined || round.index > index) continue;
      this.#rounds.delete(context);
      for (const { resolve } of round.waiters) resolve();
    }
  }

  /** Asks again for what got no answer; rejects what is too late, and all while no leader has been known for long. */
  retry(monotonic: number, leaderKnown: boolean, ask: Ask): void {
    this.#leaderlessSince = leaderKnown ? undefined : (this.#leaderlessSince ?? monotonic);
    const leaderless = this.#leaderlessSince !== undefined && monotonic - this.#leaderlessSince >= limits.leaderlessMs;
    const keep = (waiters: readonly Waiter[]): Waiter[] =>
      waiters.filter(({ deadline, reject }) => {
        const late = leaderless || monotonic >= deadline;
        if (late) reject(new StoreError('no-leader', 'no leader confirmed the read in time'));
        return !late;
      });
    this.#waiting = keep(this.#waiting);
    for (const [context, round] of this.#rounds) {
      round.waiters = keep(round.waiters);
      if (round.waiters.length === 0) this.#rounds.delete(context);
      else if (round.index === undefined && monotonic - round.askedAt >= repeatMs && ask(context))
        round.askedAt = monotonic;
    }
  }

  rejectAll(error: StoreError): void {
    for (const round of this.#rounds.values()) for (const { reject } of round.waiters) reject(error);
    for (const { reject } of this.#waiting) reject(error);
    this.#rounds.clear();
    this.#waiting = [];
  }
}

/** Those who wait until this replica has applied a revision. */
export class RevisionWaiters {
  #waiting: (Waiter & { readonly revision: number })[] = [];

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  add(revision: number, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ revision, deadline, resolve, reject });
    });
  }

  applied(revision: number): void {
    if (this.#waiting.length === 0) return;
    const reached = this.#waiting.filter((waiter) => waiter.revision <= revision);
    if (reached.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.revision > revision);
    for (const { resolve } of reached) resolve();
  }

  expire(monotonic: number): void {
    const late = this.#waiting.filter(({ deadline }) => monotonic >= deadline);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ deadline }) => monotonic < deadline);
    for (const { reject, revision } of late)
      reject(new StoreError('timeout', `revision ${revision} was not reached in time`));
  }

  rejectAll(error: StoreError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }
}
