/** The time that a leader writes into the log: what a majority of the voters' clocks has reached. */
import type { Clock } from '../base/index.ts';
import type { Raft } from '../raft/core/index.ts';
import { batchHead, isReadable } from './batch/index.ts';

/** A clock that was not heard for so long says nothing any more. */
const heardMs = 10_000;

interface ClusterTimeParts {
  readonly member: string;
  readonly clock: Clock;
  readonly raft: Pick<Raft, 'role' | 'configuration' | 'unapplied'>;
  /** The newest time that the state remembers; undefined for a state of nothing. */
  readonly remembered: () => number | undefined;
}

/**
 * One clock that is wrong by minutes, be it the leader's, must neither end the past of all members early, nor let keys
 * expire early. So the leader takes the time as it takes the commit index: the largest that most voters have reached,
 * each clock going on from when it was heard last. A clock that is behind makes nothing late, and one that is ahead
 * nothing early, as long as most are right. Members that are alone, or two, have the earlier of their clocks.
 */
export class ClusterTime {
  readonly #clock: Clock;
  readonly #raft: ClusterTimeParts['raft'];
  readonly #member: string;
  readonly #remembered: () => number | undefined;
  readonly #heard = new Map<string, { readonly now: number; readonly at: number }>();
  /** The time in the newest entry that was applied, and when that was, in monotonic ms. */
  #applied: { readonly now: number; readonly at: number } | undefined;

  constructor({ member, clock, raft, remembered }: ClusterTimeParts) {
    this.#member = member;
    this.#clock = clock;
    this.#raft = raft;
    this.#remembered = remembered;
  }

  /** What another member's clock shows. */
  heard(member: string, now: number): void {
    this.#heard.set(member, { now, at: this.#clock.monotonic() });
  }

  /** An entry of this time was applied. */
  applied(now: number): void {
    this.#applied = { now, at: this.#clock.monotonic() };
  }

  /** In ms since 1970. Only a leader knows more than its own clock. */
  now(): number {
    if (this.#raft.role !== 'leader') return this.#clock.now();
    return this.agreed() ?? this.#logTime();
  }

  /** What most voters' clocks have reached, in ms since 1970; undefined while a leader has heard too few. */
  agreed(): number | undefined {
    const { voters } = this.#raft.configuration;
    const monotonic = this.#clock.monotonic();
    const reached = [this.#clock.now()];
    for (const voter of voters) {
      const heard = this.#heard.get(voter);
      if (voter === this.#member || heard === undefined || monotonic - heard.at > heardMs) continue;
      reached.push(heard.now + monotonic - heard.at);
    }
    const decided = reached.sort((a, b) => b - a)[Math.floor(voters.length / 2)];
    return decided === undefined ? undefined : Math.floor(decided);
  }

  /**
   * A new leader has heard of too few, and its own clock may be the wrong one: the log's time goes on. After a start
   * that may be all that is known, from entries that nobody has called committed yet, or from a snapshot. The newest
   * time counts, not the largest. Its own clock is for a log in which nothing has a time.
   */
  #logTime(): number {
    const newest = this.#raft.unapplied.findLast(({ type, data }) => type === 'data' && isReadable(data));
    if (newest !== undefined) return batchHead(newest.data).now;
    const applied = this.#applied && this.#applied.now + this.#clock.monotonic() - this.#applied.at;
    return Math.floor(applied ?? this.#remembered() ?? this.#clock.now());
  }
}
