/** Remembers when a controller's keys are to be reconciled again without a change (requeue-after). */
import { type Clock, type Due, DueQueue, limits, type Timer, type Timers } from '../../base/index.ts';

/** Timers overflow beyond 2^31 ms; a longer wait is cut into days. */
const longestWaitMs = 24 * 60 * 60_000;
/** Keys that are woken in one turn; the others follow a moment later. */
const requeuesMax = 512;

/**
 * Each key has one time. There may be one for every object of a cluster
 * (each pod of a lost zone is evicted some time), so a key costs an entry here, and all of them share one
 * timer. A requeue that is due soon has its own: it belongs to the request that was being worked on.
 */
export class RequeueTimers {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #wake: (key: string) => void;
  readonly #soon = new Map<string, Timer>();
  readonly #at = new Map<string, number>();
  #queue = this.#newQueue();
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }, wake: (key: string) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#wake = wake;
  }

  /** Wakes the key after this time, in place of the time that was planned for it. */
  requeue(key: string, afterMs: number): void {
    this.cancel(key);
    if (afterMs < limits.traceTimerMs) {
      this.#soon.set(
        key,
        this.#timers.after(Math.max(afterMs, 1), () => {
          this.#soon.delete(key);
          this.#wake(key);
        }),
      );
      return;
    }
    const at = this.#clock.monotonic() + afterMs;
    this.#at.set(key, at);
    this.#queue.push({ at, key });
    this.#arm();
  }

  cancel(key: string): void {
    this.#soon.get(key)?.cancel();
    this.#soon.delete(key);
    this.#at.delete(key);
  }

  clear(): void {
    for (const timer of this.#soon.values()) timer.cancel();
    this.#soon.clear();
    this.#timer?.cancel();
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#at.clear();
    this.#queue = this.#newQueue();
  }

  #newQueue(): DueQueue<Due> {
    return new DueQueue(({ key, at }) => this.#at.get(key) === at);
  }

  #arm(): void {
    const next = this.#queue.nextAt;
    if (next === undefined || next >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = next;
    this.#timer = this.#timers.after(
      Math.min(Math.max(Math.ceil(next - this.#clock.monotonic()), 1), longestWaitMs),
      () => {
        this.#due();
      },
    );
  }

  #due(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    for (const key of this.#queue.takeDue(this.#clock.monotonic(), requeuesMax)) {
      this.#at.delete(key);
      this.#wake(key);
    }
    this.#arm();
  }
}
