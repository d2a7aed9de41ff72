import type { Batch } from './batch.ts';

/** Sessions remembered; those that were silent longest are forgotten. A session is one start of one member. */
const sessionsMax = 256;

/** Which batch of each session was applied last: part of the replicated state. */
export class Sessions {
  /** In the order of their last batch. */
  readonly #applied: Map<string, number>;

  constructor(rows: readonly (readonly [string, number])[] = []) {
    this.#applied = new Map(rows);
  }

  /** True when the batch is due now; false for a repetition, or for one whose predecessor was lost. */
  accept(batch: Batch): boolean {
    const last = this.#applied.get(batch.session) ?? 0;
    if (batch.sequence !== last + 1) return false;
    this.#applied.delete(batch.session);
    this.#applied.set(batch.session, batch.sequence);
    if (this.#applied.size > sessionsMax) {
      for (const oldest of this.#applied.keys()) {
        this.#applied.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** The sequence of the session's last batch; 0 when it has none, or was forgotten. */
  lastOf(session: string): number {
    return this.#applied.get(session) ?? 0;
  }

  /** For the snapshot. */
  rows(): readonly (readonly [string, number])[] {
    return [...this.#applied];
  }
}
