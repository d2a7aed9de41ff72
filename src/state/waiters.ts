import type { LogIndex } from '../base/index.ts';
import type { ReadState } from '../raft/core/index.ts';
import { StoreError } from './store.ts';

interface Waiter {
  /** Monotonic ms. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

interface Round {
  readonly waiters: readonly Waiter[];
  /** The applied index that makes them linearisable; undefined until the leader answered. */
  index: LogIndex | undefined;
}

/** Linearisable reads: all that come while a round is being asked for share the next one. */
export class LinearReads {
  #waiting: Waiter[] = [];
  /** By context, oldest first. */
  readonly #rounds = new Map<number, Round>();
  #context: number;

  /** `firstContext` differs from one start of the member to the next: a late answer to a read of its life before must not count. */
  constructor(firstContext: number) {
    this.#context = firstContext;
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#rounds.size === 0;
  }

  /** Whether a new round is due. */
  get due(): boolean {
    return this.#waiting.length > 0;
  }

  add(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => { this.#waiting.push({ deadline, resolve, reject }); });
  }

  /** Begins a round for all that wait. `ask` gets its context; false when no leader is known. */
  begin(ask: (context: number) => boolean): void {
    const context = this.#context + 1;
    if (this.#waiting.length === 0 || !ask(context)) return;
    this.#context = context;
    this.#rounds.set(context, { waiters: this.#waiting, index: undefined });
    this.#waiting = [];
  }

  answered(reads: readonly ReadState[]): void {
    for (const { context, index } of reads) {
      const round = this.#rounds.get(context);
      if (round !== undefined) round.index = index;
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

  /** Asks again for what got no answer (a message or a leader was lost), and rejects what is too late. */
  retry(monotonic: number): void {
    for (const [context, round] of this.#rounds) {
      if (round.index !== undefined) continue;
      this.#rounds.delete(context);
      this.#waiting.push(...round.waiters);
    }
    const late = this.#waiting.filter(({ deadline }) => monotonic >= deadline);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ deadline }) => monotonic < deadline);
    for (const { reject } of late) reject(new StoreError('no-leader', 'no leader confirmed the read in time'));
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
    return new Promise((resolve, reject) => { this.#waiting.push({ revision, deadline, resolve, reject }); });
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
    for (const { reject, revision } of late) reject(new StoreError('timeout', `revision ${revision} was not reached in time`));
  }

  rejectAll(error: StoreError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }
}
