/** Checks that nothing piles up: entries travel a few times, batches stand once in a log, a hung disk does not lead. */
import type { Ledger } from './ledger.ts';
import type { Member } from './member.ts';
import type { StoreMessage } from './system.ts';

/** So often a leader may send an entry to one member within a term, whatever the network loses. */
const sendsMax = 48;
/** So long a leader may lag behind what the others made durable without it, in virtual ms. */
const lagMsMax = 3_000;

/** Watches what leaders send, and how long they lead with a disk that answers nothing. */
export class Growth {
  readonly #ledger: Ledger;
  /** By leader, term and member: how often each entry left. */
  readonly #sends = new Map<string, Map<number, number>>();
  /** By term: where each batch stands. */
  readonly #batches = new Map<number, Map<string, number>>();
  /** Since when a member leads although its own disk lags, by name. */
  readonly #lagging = new Map<string, number>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  onMessage(message: StoreMessage): void {
    if (this.#ledger.closed || message.type !== 'append' || message.entries.length === 0) return;
    const { from, to, term } = message;
    const way = `${from} to ${to} in term ${term}`;
    const sends = this.#sends.get(way) ?? new Map<number, number>();
    this.#sends.set(way, sends);
    for (const { index, term: of, type, data } of message.entries) {
      const times = (sends.get(index) ?? 0) + 1;
      sends.set(index, times);
      if (times > sendsMax) this.#ledger.fail('amplification', `entry ${index} went ${times} times from ${way}`);
      if (of === term && type === 'data') this.#stands(term, index, data);
    }
  }

  /** A batch is its session, its sequence and its items: no two have the same bytes. */
  #stands(term: number, index: number, data: Uint8Array): void {
    const batches = this.#batches.get(term) ?? new Map<string, number>();
    this.#batches.set(term, batches);
    const text = Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, 96)).toString('latin1');
    const known = batches.get(text);
    if (known === undefined) batches.set(text, index);
    else if (known !== index)
      this.#ledger.fail('repeated-batch', `entries ${known} and ${index} of term ${term} are one batch`);
  }

  /** Now and then: who leads although the others go on without its disk. */
  look(members: readonly Member[], now: number): void {
    if (this.#ledger.closed) return;
    for (const { name, raft, process, role } of members) {
      const lags =
        role === 'leader' &&
        process?.paused === false &&
        raft !== undefined &&
        (raft.matchOf(name) ?? raft.commitIndex) < raft.commitIndex;
      if (!lags) this.#lagging.delete(name);
      else if (now - (this.#lagging.get(name) ?? now) > lagMsMax)
        this.#ledger.fail(
          'hung-leader',
          `${name} leads for ${lagMsMax} ms with a disk that answers nothing`,
          'liveness',
        );
      else if (!this.#lagging.has(name)) this.#lagging.set(name, now);
    }
  }
}
