/** What goes to disk: when a write is due, what it holds, and what its end sets free. */
import { assert, type LogIndex, type Term } from '../../base/index.ts';
import type { Identity } from './identity.ts';
import type { HardState, Message, Persist } from './message.ts';
import type { RaftState } from './state.ts';

interface Write {
  /** The log's end when the write began: durable with it, unless a leader replaced that entry meanwhile. */
  readonly index: LogIndex;
  readonly term: Term;
  readonly hardState: HardState;
  /** The messages that wait for it. */
  readonly after: readonly Message[];
  readonly snapshot: boolean;
  /** It reaches the disk: otherwise only its messages waited. */
  readonly sync: boolean;
}

/** Whether the disk does not say yet whose data it holds. */
function isNews(kept: Identity | undefined, { timeline, incarnation, joinedAt }: Identity): boolean {
  const knowsMore = joinedAt !== null && kept?.joinedAt?.index !== joinedAt?.index;
  return incarnation !== '' && (kept?.incarnation !== incarnation || kept.timeline !== timeline || knowsMore);
}

/** One member's writes, one at a time: while one is under way, what the core decides gathers for the next. */
export class Persistence {
  /** The hard state that is durable. Moves in `done`; never ahead of the disk. */
  #durable: HardState;
  /**
   * The newest applied change of the membership: the hint of what is committed reaches it on disk, so that a restart
   * knows who votes.
   */
  #membershipHint = 0 as LogIndex;
  #write: Write | undefined;

  constructor(durable: HardState) {
    this.#durable = durable;
  }

  get underWay(): boolean {
    return this.#write !== undefined;
  }

  /** Whether the write under way holds a snapshot. */
  get installing(): boolean {
    return this.#write?.snapshot === true;
  }

  /** Whether the disk says that the newest applied change of the membership is committed. */
  get keepsMembership(): boolean {
    return this.#membershipHint <= this.#durable.commit;
  }

  /** A change of the membership at `index` was applied. */
  noteMembership(index: LogIndex): void {
    this.#membershipHint = index;
  }

  /** Whether `take` would begin a write. */
  due({ log, afterPersist, snapshot, term, vote, identity }: RaftState): boolean {
    if (this.#write !== undefined) return false;
    const last = this.#durable;
    return (
      this.#membershipHint > last.commit ||
      log.stable < log.lastIndex ||
      afterPersist.length > 0 ||
      snapshot !== undefined ||
      last.term !== term ||
      last.vote !== vote ||
      isNews(last.identity, identity)
    );
  }

  /** Begins a write of all that is not durable; undefined when nothing is due. */
  take(state: RaftState): Persist | undefined {
    if (!this.due(state)) return undefined;
    const { log, term, vote, snapshot, identity } = state;
    const entries =
      log.stable < log.lastIndex ? log.slice((log.stable + 1) as LogIndex, { bytesMax: Number.POSITIVE_INFINITY }) : [];
    const hardState = { term, vote, commit: log.commit, identity };
    const last = this.#durable;
    const sync =
      entries.length > 0 ||
      snapshot !== undefined ||
      this.#membershipHint > last.commit ||
      last.term !== term ||
      last.vote !== vote ||
      isNews(last.identity, identity);
    this.#write = {
      index: log.lastIndex,
      term: log.lastTerm,
      hardState,
      after: state.afterPersist,
      snapshot: snapshot !== undefined,
      sync,
    };
    state.afterPersist = [];
    state.snapshot = undefined;
    return snapshot === undefined ? { hardState, entries, sync } : { hardState, entries, sync, snapshot };
  }

  /** The write under way is durable: its messages may leave, its entries are stable. Its hard state. */
  done(state: RaftState): HardState {
    const done = this.#write;
    assert(done !== undefined, 'a write was under way');
    this.#write = undefined;
    if (done.sync) this.#durable = done.hardState;
    // In one turn a leader of the past may have been answered and a newer one have replaced its entries before they
    // reached the disk: what the answer says is not there.
    for (const message of done.after)
      if (message.type !== 'append-response' || message.term >= done.hardState.term) state.messages.push(message);
    state.log.stableTo(done.index, done.term);
    return done.hardState;
  }
}
