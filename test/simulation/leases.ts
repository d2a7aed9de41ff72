/** What clients expect of keys that expire: never early, and gone in bounded time. */
import type { Ledger, LedgerChange } from './ledger.ts';
import type { Member } from './member.ts';

/** So long after the last clock has reached its moment, or a leader was elected, a key may still be there. */
const goneWithinMs = 3_000;

/** Clocks that were heard go on from there at their hearer's pace, for some seconds. */
const slackMs = 500;

/** Remembers for each value of a lease until when its writer wanted it kept. */
export class Leases {
  readonly #ledger: Ledger;
  readonly #until = new Map<string, number>();
  /** The largest moment that any writer named. */
  #last = 0;
  /** How far clocks were ahead of the world at most, and behind it, in ms; those that are wrong by minutes left out. */
  #aheadMs = 0;
  #behindMs = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A client writes this value and wants it kept until `expiresAt`. */
  writes(value: string, expiresAt: number): void {
    this.#until.set(value, expiresAt);
    this.#last = Math.max(this.#last, expiresAt);
  }

  /** Notes how wrong the clocks are. */
  look(members: readonly Member[], monotonic: number): void {
    for (const member of members.filter(({ clockIsFar }) => !clockIsFar)) {
      const error = member.clockErrorMs(monotonic);
      this.#aheadMs = Math.max(this.#aheadMs, error);
      this.#behindMs = Math.max(this.#behindMs, -error);
    }
  }

  /** A revision is shown for the first time, at this moment of the world. */
  onChanges(changes: readonly LedgerChange[], now: number): void {
    if (this.#ledger.closed) return;
    for (const { type, key, value } of changes) {
      const until = type === 'delete' && key.startsWith('/lease/') ? this.#until.get(value) : undefined;
      if (until !== undefined && now + this.#aheadMs + slackMs < until)
        this.#ledger.fail('early-expiry', `${key}=${value} is gone ${until - now} ms before its time`);
    }
  }

  /** How long the last lease may still be there, in ms, under a leader that was elected just now. */
  leftMs(now: number): number {
    return Math.max(0, this.#last + this.#behindMs - now) + goneWithinMs;
  }
}
