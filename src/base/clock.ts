/** The ports of time: clock and timers. */

/** Wall-clock and monotonic time. The real one is src/platform's, the simulated one the simulator's. */
export interface Clock {
  /** Wall-clock time in ms since 1970. May jump. */
  now(): number;
  /** Monotonic time in ms from an arbitrary start. Never goes back; use it for every measured duration. */
  monotonic(): number;
}

/** A running timer; `cancel` is harmless after it fired. */
export interface Timer {
  cancel(): void;
}

/** Delayed calls. Every timer of the product comes from here, so that the simulator can own time. */
export interface Timers {
  after(delayMs: number, call: () => void): Timer;
  every(periodMs: number, call: () => void): Timer;
}

/** A promise that resolves after `delayMs`. */
export function delay(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(delayMs, resolve);
  });
}
