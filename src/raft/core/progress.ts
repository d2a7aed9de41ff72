import type { LogIndex } from '../../base/index.ts';

/**
 * What the leader knows about one follower.
 * probe: the point of agreement is unknown, one message at a time. replicate: messages stream ahead of their answers,
 * up to a bound. snapshot: the follower is too far behind for the log and waits for a snapshot.
 */
export class Progress {
  state: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** The log is known to agree up to here. */
  match = 0 as LogIndex;
  /** The next entry to send. */
  next: LogIndex;
  /** It answered since the last check of the quorum. */
  active = false;
  /** A probe is on its way. */
  probing = false;
  /** Where it stood at its last answer to a heartbeat. */
  #matchAtHeartbeat = -1;
  /** Ticks since the snapshot was sent. */
  snapshotTicks = 0;
  /** The last index of each message on its way. */
  readonly #flying: LogIndex[] = [];
  readonly #flyingMax: number;
  /**
   * So many messages may fly: half as many after a refusal, one more with each answer that is news. Where later
   * messages overtake earlier ones, each of those in flight would be refused, and each refusal would have all of them
   * sent again.
   */
  #window: number;

  constructor(next: LogIndex, flyingMax: number) {
    this.next = next;
    this.#flyingMax = flyingMax;
    this.#window = flyingMax;
  }

  get paused(): boolean {
    if (this.state === 'probe') return this.probing;
    return this.state === 'snapshot' || this.#flying.length >= this.#window;
  }

  /** Entries up to `last` were sent. */
  sent(last: LogIndex | undefined): void {
    if (this.state === 'probe') this.probing = true;
    else if (last !== undefined) {
      this.#flying.push(last);
      this.next = (last + 1) as LogIndex;
    }
  }

  /** The follower has everything up to `index`. True when that is news. */
  acknowledged(index: LogIndex): boolean {
    if (index >= this.match) this.probing = false;
    while ((this.#flying[0] ?? Number.POSITIVE_INFINITY) <= index) this.#flying.shift();
    this.next = Math.max(this.next, index + 1) as LogIndex;
    if (index <= this.match) return false;
    this.match = index;
    this.#window = Math.min(this.#window + 1, this.#flyingMax);
    return true;
  }

  /**
   * The follower refused `refused` and may agree at `hint`. False for an answer that is out of date: one about what it
   * has since acknowledged, from when its log was shorter than that, or not to the latest probe.
   */
  refused(refused: LogIndex, hint: LogIndex): boolean {
    if (refused <= this.match || hint < this.match) return false;
    if (this.state === 'replicate') {
      this.#window = Math.max(1, Math.floor(this.#window / 2));
      this.becomeProbe();
      return true;
    }
    if (this.next - 1 !== refused) return false;
    this.next = Math.max(Math.min(refused, hint + 1), this.match + 1) as LogIndex;
    this.probing = false;
    return true;
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

  /**
   * It answered a heartbeat while entries are missing. No progress since the last such answer means that a message was
   * lost: start over.
   */
  heartbeatAnswered(): void {
    this.probing = false;
    if (this.state === 'replicate' && this.#matchAtHeartbeat === this.match) this.becomeProbe();
    this.#matchAtHeartbeat = this.match;
  }

  #become(state: Progress['state']): void {
    this.state = state;
    this.probing = false;
    this.snapshotTicks = 0;
    this.#flying.length = 0;
  }
}
