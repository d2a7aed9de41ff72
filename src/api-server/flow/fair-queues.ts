/** Queues that share seats fairly (start-time fair queuing). */
import { dealtHand } from './shuffle-shard.ts';

export interface QueueSettings {
  readonly queues: number;
  /** How many queues a flow may use. */
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

/** One queue. `served` is the time that its requests have had, in ms of one seat: the queue that had least is next. */
export interface FairQueue<T> {
  readonly waiting: T[];
  served: number;
  /** Of its requests, those that are worked on. */
  executing: number;
}

/** What a request is taken to last, in ms, until its true time is known. */
export const assumedMs = 3;
/** What a request counts at least: one that was answered out of memory took its turn as well. */
const chargedMsMin = 1;

/**
 * Queues that take turns by the time which each has been served (start-time fair queuing). A flow joins the shortest
 * queue of its hand; one that was idle begins where the others are, so that it neither catches up on them nor waits for
 * their past.
 */
export class FairQueues<T> {
  readonly #queues: FairQueue<T>[] = [];
  #virtualMs = 0;
  length = 0;

  get all(): readonly FairQueue<T>[] {
    return this.#queues;
  }

  /** Undefined: the flow's queues are full. */
  join(flowHash: number, item: T, { queues, handSize, queueLengthLimit }: QueueSettings): FairQueue<T> | undefined {
    while (this.#queues.length < queues) this.#queues.push({ waiting: [], served: 0, executing: 0 });
    const hand = dealtHand(flowHash, queues, handSize)
      .map((card) => this.#queues[card])
      .filter((queue) => queue !== undefined);
    const shortest = hand.reduce((best, queue) => (queue.waiting.length < best.waiting.length ? queue : best));
    if (shortest.waiting.length >= queueLengthLimit) return undefined;
    if (shortest.waiting.length === 0) shortest.served = Math.max(shortest.served, this.#virtualMs);
    shortest.waiting.push(item);
    this.length += 1;
    return shortest;
  }

  /** Takes out the item whose turn it is, and charges its queue what a request is taken to last. */
  next(): T | undefined {
    let best: FairQueue<T> | undefined;
    for (const queue of this.#queues)
      if (queue.waiting.length > 0 && (best === undefined || queue.served < best.served)) best = queue;
    const item = best?.waiting.shift();
    if (best === undefined || item === undefined) return undefined;
    this.length -= 1;
    this.#virtualMs = Math.max(this.#virtualMs, best.served);
    best.served += assumedMs;
    best.executing += 1;
    return item;
  }

  /** Takes out an item that waits no longer. */
  leave(queue: FairQueue<T>, item: T): void {
    const at = queue.waiting.indexOf(item);
    if (at < 0) return;
    queue.waiting.splice(at, 1);
    this.length -= 1;
  }

  /** Charges a queue the true time of one of its requests instead of the assumed one. */
  settle(queue: FairQueue<T>, tookMs: number): void {
    queue.executing -= 1;
    queue.served += Math.max(tookMs, chargedMsMin) - assumedMs;
  }
}
