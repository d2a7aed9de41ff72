import type { Clock, Timer, Timers } from '../../base/index.ts';
import { dealtHand } from './shuffle-shard.ts';

export interface LevelSpec {
  readonly type: 'Exempt' | 'Limited';
  /** Seats that are the level's own, those that it may have at most, and those that others may borrow while it does not need them. */
  readonly seats: number;
  readonly seatsMax: number;
  readonly lendable: number;
  /** Undefined: what finds no seat is refused at once. */
  readonly queuing: { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number } | undefined;
}

export type Refusal = 'concurrency-limit' | 'queue-full' | 'time-out';

interface Waiting {
  readonly seat: () => void;
  readonly refuse: (why: Refusal) => void;
  readonly timer: Timer;
}

interface Queue {
  readonly waiting: Waiting[];
  /** The work that its requests have had, in seat-ms of virtual time: the queue that had least is next. */
  work: number;
}

/** What a request is taken to last, in ms, until it has ended and its true time is known. */
const assumedMs = 3;
const waitMsMax = 15_000;

/** The seats and queues of one priority level. */
export class PriorityLevel {
  readonly name: string;
  #spec: LevelSpec;
  readonly #ports: { readonly clock: Clock; readonly timers: Timers; readonly mayBorrow: (level: PriorityLevel) => boolean };
  #queues: Queue[] = [];
  #virtual = 0;
  executing = 0;
  queued = 0;

  constructor(name: string, spec: LevelSpec, ports: { readonly clock: Clock; readonly timers: Timers; readonly mayBorrow: (level: PriorityLevel) => boolean }) {
    this.name = name;
    this.#spec = spec;
    this.#ports = ports;
  }

  get spec(): LevelSpec {
    return this.#spec;
  }

  /** Takes new settings over; what waits goes on waiting, and has the new seats. */
  configure(spec: LevelSpec): void {
    this.#spec = spec;
    this.dispatch();
  }

  /** A seat at once (its release), a place in a queue (a promise of it), or the reason why not. */
  enter(flowHash: number): (() => void) | Promise<(() => void) | Refusal> | Refusal {
    if (this.#spec.type === 'Exempt') return nothing;
    if (this.queued === 0 && this.#free) return this.#seat(undefined);
    const { queuing } = this.#spec;
    if (queuing === undefined) return 'concurrency-limit';
    const queue = this.#queueOf(flowHash, queuing);
    if (queue.waiting.length >= queuing.queueLengthLimit) return 'queue-full';
    if (queue.waiting.length === 0) queue.work = Math.max(queue.work, this.#virtual);
    return this.#wait(queue);
  }

  /** Gives free seats to those that wait. */
  dispatch(): void {
    while (this.queued > 0 && this.#free) {
      const queue = this.#next();
      const first = queue?.waiting.shift();
      if (queue === undefined || first === undefined) return;
      this.queued -= 1;
      this.#virtual = Math.max(this.#virtual, queue.work);
      first.timer.cancel();
      first.seat();
    }
  }

  get #free(): boolean {
    const { seats, seatsMax } = this.#spec;
    return this.executing < seats || (this.executing < seatsMax && this.#ports.mayBorrow(this));
  }

  #wait(queue: Queue): Promise<(() => void) | Refusal> {
    this.queued += 1;
    return new Promise((resolve) => {
      const waiting: Waiting = {
        seat: () => { resolve(this.#seat(queue)); },
        refuse: resolve,
        timer: this.#ports.timers.after(waitMsMax, () => {
          queue.waiting.splice(queue.waiting.indexOf(waiting), 1);
          this.queued -= 1;
          waiting.refuse('time-out');
        }),
      };
      queue.waiting.push(waiting);
    });
  }

  #seat(queue: Queue | undefined): () => void {
    this.executing += 1;
    if (queue !== undefined) queue.work += assumedMs;
    const from = this.#ports.clock.monotonic();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.executing -= 1;
      if (queue !== undefined) queue.work += this.#ports.clock.monotonic() - from - assumedMs;
      if (this.queued > 0) this.dispatch();
    };
  }

  /** The shortest queue of the flow's hand. */
  #queueOf(flowHash: number, { queues, handSize }: NonNullable<LevelSpec['queuing']>): Queue {
    while (this.#queues.length < queues) this.#queues.push({ waiting: [], work: 0 });
    const hand = dealtHand(flowHash, queues, handSize).map((card) => this.#queues[card]).filter((queue) => queue !== undefined);
    return hand.reduce((best, queue) => (queue.waiting.length < best.waiting.length ? queue : best));
  }

  #next(): Queue | undefined {
    let best: Queue | undefined;
    for (const queue of this.#queues) if (queue.waiting.length > 0 && (best === undefined || queue.work < best.work)) best = queue;
    return best;
  }
}

const nothing = (): void => undefined;
