/** A batch: what one log entry holds. */
import type { Revision } from '../../base/index.ts';
import type { Transaction } from '../../mvcc/index.ts';

/** Ends the past at a revision. */
interface Compaction {
  readonly compact: Revision;
}

/** What a member proposes as one log entry: transactions in order; 'expire' lets keys expire. */
export type BatchItem = Transaction | Compaction | 'expire';

/**
 * One log entry's content. A batch counts only directly after the batch before it of the same session, so a batch that
 * is proposed again after a change of leader is applied once.
 */
export interface Batch {
  /** Drawn at each start of the proposing member. */
  readonly session: string;
  /** 1, 2, 3, ... within the session. */
  readonly sequence: number;
  /** The session's birth, counted in batches that the state machine had taken: tells it from a forgotten one. */
  readonly bornAt: number;
  /** The leader's time (`ClusterTime`), in ms: the only one that the key space knows. */
  readonly now: number;
  readonly items: readonly BatchItem[];
}
