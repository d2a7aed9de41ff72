/** The timers of one actor, which end with it. */
import type { Timer, Timers } from '../base/index.ts';

/** Timers that are due later; one that fired or was cancelled is forgotten. */
export class CellTimers {
  readonly #timers: Timers;
  readonly #set = new Set<Timer>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get count(): number {
    return this.#set.size;
  }

  after(delayMs: number, call: () => void): Timer {
    const timer = this.#timers.after(delayMs, () => {
      this.#set.delete(timer);
      call();
    });
    this.#set.add(timer);
    return {
      cancel: () => {
        timer.cancel();
        this.#set.delete(timer);
      },
    };
  }

  cancelAll(): void {
    for (const timer of this.#set) timer.cancel();
    this.#set.clear();
  }
}
