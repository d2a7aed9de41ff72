/** The Raft log in memory. */
import { assert, type LogIndex, type Term } from '../../base/index.ts';
import type { Entry } from './message.ts';

/** What an entry takes in memory and in messages, about. */
export const sizeOf = ({ data }: Pick<Entry, 'data'>): number => data.length + 32;

/**
 * What lies where:
 *
 *     base | first ............ applied ..... stable ....... commit ...... last
 *
 * `base` is the entry before the first one, known by index and term only (a snapshot or compaction took its data).
 * A follower hands entries to the state machine up to min(stable, commit); a leader up to commit, since a majority may
 * have an entry on disk before the leader has. Invariant: base <= applied <= commit <= last, base <= stable <= last.
 */
export class RaftLog {
  /** Entries first to last, without a gap. */
  #entries: Entry[] = [];
  /** Membership changes in the log, rising; applied ones are dropped from its head when somebody asks. */
  #configurations: Entry[] = [];
  /** The entry before the first one. Moves forward when applied entries are compacted or a snapshot is restored. */
  #baseIndex: LogIndex;
  #baseTerm: Term;
  /** The newest entry known to be committed. Only grows; what lies at or below it never changes. */
  commit: LogIndex;
  /** The newest entry handed to the state machine. Only grows, and not beyond `commit`. */
  applied: LogIndex;
  /** The newest entry that is durable here. Grows with each write, and falls back when a leader replaces the tail. */
  stable: LogIndex;

  /**
   * Bytes of the entries that are not yet both committed and durable here. They cannot be dropped from memory, so who
   * appends looks at them.
   */
  pendingBytes = 0;
  /** Entries up to here are no longer counted in `pendingBytes`: min(commit, stable). Only grows. */
  #counted: LogIndex;

  constructor(base: { readonly index: LogIndex; readonly term: Term }, entries: readonly Entry[] = []) {
    this.#baseIndex = base.index;
    this.#baseTerm = base.term;
    this.commit = base.index;
    this.applied = base.index;
    this.#entries = entries.filter((entry) => entry.index > base.index);
    assert(
      this.#entries.every((entry, position) => entry.index === base.index + 1 + position),
      'log entries follow one another without a gap',
    );
    this.stable = this.lastIndex;
    this.#counted = base.index;
    for (const entry of this.#entries) this.pendingBytes += sizeOf(entry);
    this.#configurations = this.#entries.filter((entry) => entry.type === 'configuration');
  }

  /** Membership changes that are in the log and not yet applied. */
  get pendingConfigurations(): readonly Entry[] {
    while ((this.#configurations[0]?.index ?? Number.POSITIVE_INFINITY) <= this.applied) this.#configurations.shift();
    return this.#configurations;
  }

  get firstIndex(): LogIndex {
    return (this.#baseIndex + 1) as LogIndex;
  }

  get lastIndex(): LogIndex {
    return (this.#baseIndex + this.#entries.length) as LogIndex;
  }

  get lastTerm(): Term {
    return this.#entries[this.#entries.length - 1]?.term ?? this.#baseTerm;
  }

  /** Undefined when the index is compacted or not yet there. */
  term(index: LogIndex): Term | undefined {
    return index === this.#baseIndex ? this.#baseTerm : this.#entries[index - this.#baseIndex - 1]?.term;
  }

  matches(index: LogIndex, term: Term): boolean {
    return this.term(index) === term;
  }

  /** Whether a log that ends like this is at least as complete as ours (Raft paper section 5.4.1). */
  isUpToDate(lastIndex: LogIndex, lastTerm: Term): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /** Entries from `from` on, up to `bytesMax` but at least one, and none after `to`. */
  slice(from: LogIndex, options: { readonly to?: LogIndex; readonly bytesMax: number }): Entry[] {
    const to = Math.min(options.to ?? this.lastIndex, this.lastIndex);
    const found: Entry[] = [];
    let bytes = 0;
    for (let index = from as number; index <= to; index++) {
      const entry = this.#entries[index - this.#baseIndex - 1];
      assert(entry !== undefined, `entry ${index} is in the log`);
      bytes += sizeOf(entry);
      if (found.length > 0 && bytes > options.bytesMax) break;
      found.push(entry);
    }
    return found;
  }

  /** Appends after the last entry. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, `entry ${entry.index} follows ${this.lastIndex}`);
      this.#entries.push(entry);
      this.pendingBytes += sizeOf(entry);
      if (entry.type === 'configuration') this.#configurations.push(entry);
    }
  }

  /** Takes a leader's entries: those that are there stay, a conflicting one and all after it are replaced. */
  merge(entries: readonly Entry[]): void {
    const fresh = entries.findIndex((entry) => !this.matches(entry.index, entry.term));
    const first = entries[fresh];
    if (first === undefined) return;
    assert(first.index > this.commit, `entry ${first.index} conflicts with the committed ${this.commit}`);
    for (const entry of this.#entries.splice(first.index - this.#baseIndex - 1)) this.pendingBytes -= sizeOf(entry);
    this.#configurations = this.#configurations.filter((entry) => entry.index < first.index);
    this.stable = Math.min(this.stable, first.index - 1) as LogIndex;
    this.append(entries.slice(fresh));
  }

  commitTo(index: LogIndex): void {
    if (index <= this.commit) return;
    assert(index <= this.lastIndex, `commit ${index} is within the log, which ends at ${this.lastIndex}`);
    this.commit = index;
    this.#count();
  }

  /** Takes out of `pendingBytes` what has become both committed and durable. */
  #count(): void {
    const to = Math.min(this.commit, this.stable);
    for (; this.#counted < to; this.#counted = (this.#counted + 1) as LogIndex) {
      const entry = this.#entries[this.#counted - this.#baseIndex];
      assert(entry !== undefined, 'what is not yet counted out is in the log');
      this.pendingBytes -= sizeOf(entry);
    }
  }

  /**
   * A write up to this entry became durable. It may have been replaced meanwhile: then the term differs and nothing is
   * noted.
   */
  stableTo(index: LogIndex, term: Term): void {
    if (index <= this.stable || !this.matches(index, term)) return;
    this.stable = index;
    this.#count();
  }

  /** The largest index <= `index` whose term is <= `term`: where two conflicting logs may agree. */
  conflictHint(index: LogIndex, term: Term): { readonly hintIndex: LogIndex; readonly hintTerm: Term } {
    for (let at = index as number; at > this.#baseIndex; at--) {
      const own = this.term(at as LogIndex);
      if (own !== undefined && own <= term) return { hintIndex: at as LogIndex, hintTerm: own };
    }
    return { hintIndex: Math.min(index, this.#baseIndex) as LogIndex, hintTerm: this.#baseTerm };
  }

  /** Forgets the data of entries up to `upTo`, which must be applied; those that are not yet durable stay. */
  compact(upTo: LogIndex): void {
    assert(upTo <= this.applied, `only applied entries are compacted, not ${upTo} over ${this.applied}`);
    const index = Math.min(upTo, this.stable) as LogIndex;
    if (index <= this.#baseIndex) return;
    const term = this.term(index);
    assert(term !== undefined, `entry ${index} is in the log`);
    this.#entries = this.#entries.slice(index - this.#baseIndex);
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /** Compacts all applied entries but the newest, as far as they fit the bounds. */
  trim(kept: { readonly entriesMax: number; readonly bytesMax: number }): void {
    let index = this.applied as number;
    let bytes = 0;
    for (; index > this.#baseIndex && this.applied - index < kept.entriesMax; index--) {
      bytes += this.#entries[index - this.#baseIndex - 1]?.data.length ?? 0;
      if (bytes > kept.bytesMax) break;
    }
    this.compact(index as LogIndex);
  }

  /** Starts again behind a snapshot. */
  restore(base: { readonly index: LogIndex; readonly term: Term }): void {
    this.#entries = [];
    this.#configurations = [];
    this.#baseIndex = base.index;
    this.#baseTerm = base.term;
    this.commit = base.index;
    this.applied = base.index;
    this.stable = base.index;
    this.pendingBytes = 0;
    this.#counted = base.index;
  }
}
