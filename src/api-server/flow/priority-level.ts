/** The seats of a priority level, and the queues of those that wait for one. */
import { type Clock, limits, type Timers } from '../../base/index.ts';
import type { Requester } from '../../resources/index.ts';
import type { ApiHttpRequest } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import { type FairQueue, FairQueues, type QueueSettings } from './fair-queues.ts';
import { flowHash } from './shuffle-shard.ts';

/** A request that waits for its turn, as dumps show it. */
export interface WaitingRequest {
  readonly schema: string;
  /** By what the schema tells flows apart; '' when it does not. */
  readonly distinguisher: string;
  readonly info: RequestInfo;
  readonly user: Requester;
  /** Wall-clock ms. */
  readonly arrivedAt: number;
  /** Who hung up has no turn. */
  readonly onGone?: ApiHttpRequest['onGone'];
}

export interface LevelSpec {
  readonly type: 'Exempt' | 'Limited';
  /**
   * Seats that are the level's own, those that it may have at most, and those of its seats that others may borrow while
   * they are free.
   */
  readonly seats: number;
  readonly seatsMax: number;
  readonly lendable: number;
  /** Undefined: what finds no seat is refused at once. */
  readonly queuing: QueueSettings | undefined;
}

export type Refusal = 'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled';

/** Gives a seat back. Called once. */
export type Release = () => void;

export interface LevelPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether other levels have a seat to lend. */
  readonly mayBorrow: (level: PriorityLevel) => boolean;
  /** A seat of this level was given back: it may be lent to those that wait elsewhere. */
  readonly freed: () => void;
}

export interface Waiting {
  readonly seat: () => void;
  readonly request: WaitingRequest;
}

/** What has become of requests since the start. */
interface LevelCounts {
  dispatched: number;
  rejected: number;
  timedOut: number;
  cancelled: number;
}

/** The seats of one priority level, and the queues of those that wait for one. */
export class PriorityLevel {
  readonly name: string;
  readonly #ports: LevelPorts;
  readonly #queues = new FairQueues<Waiting>();
  #spec: LevelSpec;
  executing = 0;
  readonly counts: LevelCounts = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };

  constructor(name: string, spec: LevelSpec, ports: LevelPorts) {
    this.name = name;
    this.#spec = spec;
    this.#ports = ports;
  }

  get spec(): LevelSpec {
    return this.#spec;
  }

  get queues(): readonly FairQueue<Waiting>[] {
    return this.#queues.all;
  }

  get queued(): number {
    return this.#queues.length;
  }

  /** Takes new settings over; what waits goes on waiting, and has the new seats. */
  configure(spec: LevelSpec): void {
    this.#spec = spec;
    this.dispatch();
  }

  /**
   * `request` is told of when it waits. A seat at once, a place in a queue (a promise of a seat or of a refusal), or
   * the reason why there is neither.
   */
  enter(flow: string, request: () => WaitingRequest): Release | Refusal | Promise<Release | Refusal> {
    if (this.#spec.type === 'Exempt' || (this.#queues.length === 0 && this.#free)) {
      this.executing += 1;
      this.counts.dispatched += 1;
      return this.#spec.type === 'Exempt' ? this.#leaveExempt : this.#leave;
    }
    const entered =
      this.#spec.queuing === undefined ? 'concurrency-limit' : this.#wait(flow, request(), this.#spec.queuing);
    if (typeof entered === 'string') this.counts.rejected += 1;
    return entered;
  }

  /** Gives free seats to those that wait. */
  dispatch(): void {
    while (this.#queues.length > 0 && (this.#spec.type === 'Exempt' || this.#free)) this.#queues.next()?.seat();
  }

  get #free(): boolean {
    const { seats, seatsMax } = this.#spec;
    return this.executing < seats || (this.executing < seatsMax && this.#ports.mayBorrow(this));
  }

  readonly #leaveExempt = (): void => {
    this.executing -= 1;
  };

  readonly #leave = (): void => {
    this.executing -= 1;
    if (this.#queues.length > 0) this.dispatch();
    this.#ports.freed();
  };

  #wait(flow: string, request: WaitingRequest, queuing: QueueSettings): Refusal | Promise<Release | Refusal> {
    const { timers } = this.#ports;
    const promised = Promise.withResolvers<Release | Refusal>();
    let queue: FairQueue<Waiting> | undefined = undefined;
    const waiting: Waiting = {
      request,
      seat: () => {
        timer.cancel();
        stopListening?.();
        promised.resolve(this.#seated(queue));
      },
    };
    queue = this.#queues.join(flowHash(flow), waiting, queuing);
    if (queue === undefined) return 'queue-full';
    const joined = queue;
    const giveUp = (count: 'timedOut' | 'cancelled', refusal: Refusal): void => {
      timer.cancel();
      stopListening?.();
      this.#queues.leave(joined, waiting);
      this.counts[count] += 1;
      promised.resolve(refusal);
    };
    const timer = timers.after(limits.flowWaitMs, () => {
      giveUp('timedOut', 'time-out');
    });
    const stopListening = request.onGone?.(() => {
      giveUp('cancelled', 'cancelled');
    });
    return promised.promise;
  }

  /** Takes a seat for a request that waited in the queue, which is charged for as long as that takes. */
  #seated(queue: FairQueue<Waiting> | undefined): Release {
    const { clock } = this.#ports;
    this.executing += 1;
    this.counts.dispatched += 1;
    const from = clock.monotonic();
    return () => {
      if (queue !== undefined) this.#queues.settle(queue, clock.monotonic() - from);
      this.#leave();
    };
  }
}
