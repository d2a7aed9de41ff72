/** Time that moves by hand. */
import type { Timer } from '../../base/index.ts';

export class HandTime {
  ms = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ at: number; every: number | undefined; call: () => void }>();
  readonly clock = { now: () => this.ms, monotonic: () => this.ms };
  readonly timers = {
    after: (delayMs: number, call: () => void): Timer => this.#add(delayMs, undefined, call),
    every: (periodMs: number, call: () => void): Timer => this.#add(periodMs, periodMs, call),
  };
  #add(delayMs: number, every: number | undefined, call: () => void): Timer {
    const timer = { at: this.ms + delayMs, every, call };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
  }
  pass(ms: number): void {
    this.ms += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.ms) continue;
      if (timer.every === undefined) this.#timers.delete(timer);
      else timer.at = this.ms + timer.every;
      timer.call();
    }
  }
}
