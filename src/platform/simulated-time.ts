/** Clock and timers that tests move by hand. */
import { assert, type Clock, type Timer, type Timers } from '../base/index.ts';

interface Due {
  at: number;
  readonly order: number;
  readonly call: () => void;
  readonly periodMs: number | undefined;
}

/**
 * Time moves only when a test moves it. Timers fire in the order of their time, then of their start, so the
 * same calls give the same history.
 */
export class SimulatedTime implements Clock, Timers {
  #monotonic = 0;
  #wallOffset: number;
  #order = 0;
  readonly #due = new Set<Due>();

  readonly #turns: number;

  /**
   * `startMs`: wall-clock time at the beginning, in ms since 1970. `turns`: of the event loop, in which what `run`
   * waits for settles; actors need several.
   */
  constructor(startMs = Date.UTC(2026, 0, 1), turns = 1) {
    this.#wallOffset = startMs;
    this.#turns = turns;
  }

  now(): number {
    return this.#wallOffset + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Lets the wall clock jump; monotonic time and timers do not notice. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  after(delayMs: number, call: () => void): Timer {
    return this.#start(delayMs, call, undefined);
  }

  every(periodMs: number, call: () => void): Timer {
    assert(periodMs > 0, 'a repeated timer has a period');
    return this.#start(periodMs, call, periodMs);
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Moves time on by `ms` and fires what falls due, synchronously. Promises settle only after the caller awaits. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) this.#fire(next);
    this.#monotonic = end;
  }

  /**
   * As `advance`, but lets all promises settle before and after each timer: for asynchronous parts under simulation.
   */
  async run(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await this.settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#fire(next);
      await this.settle();
    }
    this.#monotonic = end;
  }

  /**
   * Resolves when every promise that can settle without time has settled: a turn of the event loop runs all microtasks
   * first.
   */
  async settle(): Promise<void> {
    for (let turn = 0; turn < this.#turns; turn++)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
  }

  #start(delayMs: number, call: () => void, periodMs: number | undefined): Timer {
    const due: Due = { at: this.#monotonic + Math.max(0, delayMs), order: this.#order++, call, periodMs };
    this.#due.add(due);
    return {
      cancel: () => {
        this.#due.delete(due);
      },
    };
  }

  #next(end: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (
        due.at <= end &&
        (first === undefined || due.at < first.at || (due.at === first.at && due.order < first.order))
      )
        first = due;
    }
    return first;
  }

  #fire(due: Due): void {
    this.#monotonic = Math.max(this.#monotonic, due.at);
    if (due.periodMs === undefined) this.#due.delete(due);
    else due.at += due.periodMs;
    due.call();
  }
}
