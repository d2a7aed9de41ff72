/** What the leader knows of one follower's log, and how fast it may send. */
import type { LogIndex } from '../../base/index.ts';

/** One follower as the leader sees it. Invariant: match < next. */
export class Progress {
  /**
   * probe: the point of agreement is unknown, so one message at a time goes out. replicate: messages stream ahead of
   * their answers, up to the window. snapshot: the follower is too far behind for the log, and nothing is sent until
   * the snapshot's transfer ends. A new leader begins with probe; an acknowledgement leads to replicate, a refusal or a
   * lost message back to probe.
   */
  state: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** Names this record: an answer counts when it repeats the number, or comes from a program that knows of none. */
  readonly number: number;
  /** Whose answers count: the first incarnation that was heard; '' before that. */
  incarnation = '';
  /** Its answers name an entry that the leader never had: nothing it says can be believed. */
  unbelievable = false;
  /** Ticks since the newest question that it answered was asked; without end before the first answer. */
  silentTicks = Number.POSITIVE_INFINITY;
  /**
   * The follower's log is known to agree with the leader's up to here, and to be durable. Only grows, unless its disk
   * lost something.
   */
  match = 0 as LogIndex;
  /** The next entry to send. In replicate it runs ahead of the answers; a refusal takes it back towards match + 1. */
  next: LogIndex;
  /** It began since the last check of the quorum: that one counts it in, whether it has answered or not. */
  fresh = true;
  /** Its program says which question it answers. */
  #knowsRounds = false;
  /** In probe: a message is on its way, and nothing else is sent before its answer or a heartbeat's. */
  probing = false;
  /** `match` at the last judgement of a heartbeat's answer; -1 before the first. The same twice: a message was lost. */
  #matchAtHeartbeat = -1;
  /** Heartbeats of the tick since the last judgement. Those of reads come far more often and judge nothing. */
  #heartbeats = 0;
  /** Heartbeats of the tick until the next judgement: twice as many after each that found no progress. */
  #heartbeatsWaited = 1;
  /** Ticks since the snapshot was sent; 0 in any other state. Too many end the wait for it. */
  snapshotTicks = 0;
  /** In replicate: the last index of each message in flight, rising. An acknowledgement takes out all up to it. */
  readonly #inflight: LogIndex[] = [];
  readonly #inflightMax: number;
  /**
   * Messages that may be in flight, from 1 to `#inflightMax`: half as many after a refusal or a loss, one more with
   * each acknowledgement that is news. Where later messages overtake earlier ones, each of those in flight would be
   * refused, and each refusal would have all of them sent again.
   */
  #window: number;

  constructor(next: LogIndex, options: { readonly number: number; readonly inflightMax: number }) {
    this.next = next;
    this.number = options.number;
    this.#inflightMax = options.inflightMax;
    this.#window = options.inflightMax;
  }

  /**
   * It answered what was asked so many ticks ago, or (undefined) does not say what it answers: a program that knows of
   * rounds does, so from one that has shown it does, such an answer proves no life.
   */
  heard(age: number | undefined): void {
    if (age !== undefined) this.#knowsRounds = true;
    else if (this.#knowsRounds) return;
    this.silentTicks = Math.min(this.silentTicks, age ?? 0);
  }

  get paused(): boolean {
    if (this.state === 'probe') return this.probing;
    return this.state === 'snapshot' || this.#inflight.length >= this.#window;
  }

  /** Entries up to `last` were sent. */
  sent(last: LogIndex | undefined): void {
    if (this.state === 'probe') this.probing = true;
    else if (last !== undefined) {
      this.#inflight.push(last);
      this.next = (last + 1) as LogIndex;
    }
  }

  /** The follower has everything up to `index`. True when that is news. */
  acknowledged(index: LogIndex): boolean {
    if (index >= this.match) this.probing = false;
    while ((this.#inflight[0] ?? Number.POSITIVE_INFINITY) <= index) this.#inflight.shift();
    this.next = Math.max(this.next, index + 1) as LogIndex;
    if (index <= this.match) return false;
    this.match = index;
    this.#heartbeatsWaited = 1;
    this.#window = Math.min(this.#window + 1, this.#inflightMax);
    return true;
  }

  /**
   * The follower refused `refused` and may agree at `hint`. False for an answer that is out of date: one about what it
   * has since acknowledged, from when its log was shorter than that, or not to the latest probe.
   */
  refused(refused: LogIndex, hint: LogIndex): boolean {
    if (refused <= this.match || hint < this.match) return false;
    this.#heartbeatsWaited = 1;
    if (this.state === 'replicate') {
      this.#slowDown();
      return true;
    }
    if (this.next - 1 !== refused) return false;
    this.next = Math.max(Math.min(refused, hint + 1), this.match + 1) as LogIndex;
    this.probing = false;
    return true;
  }

  /** Its disk lost entries behind this one, whatever it acknowledged before. */
  lost(behind: LogIndex | undefined): void {
    if (behind === undefined || behind >= this.match) return;
    this.match = behind;
    this.#matchAtHeartbeat = -1;
    this.#heartbeats = this.#heartbeatsWaited;
    if (this.state === 'replicate') this.#slowDown();
  }

  becomeProbe(): void {
    this.#become('probe');
    this.next = (this.match + 1) as LogIndex;
  }

  becomeReplicate(): void {
    this.#become('replicate');
    this.next = (this.match + 1) as LogIndex;
  }

  becomeSnapshot(): void {
    this.#become('snapshot');
  }

  /** A heartbeat of the tick leaves. */
  heartbeatSent(): void {
    this.#heartbeats += 1;
  }

  /**
   * It answered a heartbeat while entries are missing. No progress since the last such answer means that a message was
   * lost, or that its disk is slow: start over, more and more patiently. False when it is too early to say.
   */
  heartbeatAnswered(patienceMax: number): boolean {
    if (this.#heartbeats < this.#heartbeatsWaited) return false;
    this.#heartbeats = 0;
    this.probing = false;
    if (this.#matchAtHeartbeat === this.match) {
      this.#heartbeatsWaited = Math.min(this.#heartbeatsWaited * 2, patienceMax);
      if (this.state === 'replicate') this.becomeProbe();
    }
    this.#matchAtHeartbeat = this.match;
    return true;
  }

  /** What is in flight will be refused: it is sent again, less at once. */
  #slowDown(): void {
    this.#window = Math.max(1, Math.floor(this.#window / 2));
    this.becomeProbe();
  }

  #become(state: Progress['state']): void {
    this.state = state;
    this.probing = false;
    this.snapshotTicks = 0;
    this.#inflight.length = 0;
  }
}
