/** Which batches a leader's log holds already, so that one that is sent again is not appended again. */
import { batchHead } from './batch/index.ts';
import type { Sessions } from './sessions.ts';

/** Sessions that are remembered within one lead; the one that was silent longest is forgotten. */
const sessionsMax = 4_096;

/** What a leader knows of the log's end. */
interface LogEnd {
  readonly term: number;
  /** Entries that the state machine has not applied. */
  readonly unapplied: () => readonly { readonly type: string; readonly data: Uint8Array }[];
}

/**
 * By session the last batch that stands in the log of this leader, applied or not. A member sends again what was not
 * applied in time; while no majority can write, each copy would make the log longer.
 */
export class LogTails {
  readonly #tails = new Map<string, number>();
  /** The term for which the tails were gathered. */
  #term = -1;

  /**
   * Those of the batches that the log lacks and that follow what it holds, in order: any other would be passed over
   * when it is applied. They count as appended when `appended` is called with them.
   */
  missing(
    batches: readonly Uint8Array[],
    end: LogEnd,
    applied: Pick<Sessions, 'lastOf' | 'isForgotten'>,
  ): readonly Uint8Array[] {
    if (end.term !== this.#term) this.#gather(end);
    const tails = new Map<string, number>();
    return batches.filter((data) => {
      const head = batchHead(data);
      const { session, sequence } = head;
      const tail = tails.get(session) ?? this.#tails.get(session);
      // That its session is forgotten, a member hears when a batch of it is applied: one such goes into the log.
      const forgotten = tail === undefined && applied.isForgotten(head);
      if (!forgotten && sequence !== (tail ?? applied.lastOf(session)) + 1) return false;
      tails.set(session, sequence);
      return true;
    });
  }

  /** These batches now stand at the log's end. */
  appended(batches: readonly Uint8Array[]): void {
    for (const data of batches) this.#note(data);
  }

  #gather({ term, unapplied }: LogEnd): void {
    this.#term = term;
    this.#tails.clear();
    for (const { type, data } of unapplied()) if (type === 'data') this.#note(data);
  }

  #note(data: Uint8Array): void {
    const { session, sequence } = batchHead(data);
    this.#tails.delete(session);
    this.#tails.set(session, sequence);
    if (this.#tails.size <= sessionsMax) return;
    for (const oldest of this.#tails.keys()) {
      this.#tails.delete(oldest);
      return;
    }
  }
}
