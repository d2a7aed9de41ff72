/** Where a log ends, and which of two ends is the later one. */
import type { LogIndex, Term } from '../../base/index.ts';

/** The last entry of a log, by index and term. */
export interface LogEnd {
  readonly index: LogIndex;
  readonly term: Term;
}

/** Whether a log that ends at `end` is at least as complete as one that ends at `other` (Raft paper section 5.4.1). */
export const reaches = (end: LogEnd, other: LogEnd): boolean =>
  end.term > other.term || (end.term === other.term && end.index >= other.index);

export const noEntry: LogEnd = { index: 0 as LogIndex, term: 0 as Term };
