/** The time of a run: a heap of what is due. */
import type { Clock, Timer, Timers } from '../../src/base/index.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly call: () => void;
  cancelled: boolean;
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Lets every promise that needs no time settle: a turn of the event loop runs all microtasks first. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/**
 * The world's time: a heap of what is due. It moves from one event to the next, and every promise settles in between.
 */
export class VirtualTime implements Clock, Timers {
  readonly #heap: Due[] = [];
  #now = 0;
  #order = 0;
  /** Events fired so far. */
  fired = 0;

  /** Events that are still to come. */
  get pending(): number {
    return this.#heap.length;
  }

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, call: () => void): Timer {
    const due: Due = { at: this.#now + Math.max(0, delayMs), order: this.#order++, call, cancelled: false };
    this.#push(due);
    return {
      cancel: () => {
        due.cancelled = true;
      },
    };
  }

  every(periodMs: number, call: () => void): Timer {
    let timer: Timer;
    const again = (): void => {
      timer = this.after(periodMs, again);
      call();
    };
    timer = this.after(periodMs, again);
    return {
      cancel: () => {
        timer.cancel();
      },
    };
  }

  /** Runs events until `end`, or until `stop` says so after one of them. */
  async runUntil(end: number, stop: () => boolean): Promise<void> {
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#now = Math.max(this.#now, next.at);
      this.fired += 1;
      next.call();
      await settled();
      if (stop()) return;
    }
    this.#now = Math.max(this.#now, end);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent] as Due;
      if (!before(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Due, heap[child] as Due)) child += 1;
      if (!before(heap[child] as Due, last)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
  }
}
