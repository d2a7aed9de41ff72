/** A semaphore that lets the more urgent jobs in first. */

/** Lets at most `max` jobs run at once; the others wait, the more urgent ones first, else in order. */
export class Gate {
  readonly #max: number;
  readonly #waiting = new Map<number, (() => void)[]>();
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** `urgency`: higher goes first. */
  async run<T>(job: () => Promise<T>, urgency = 0): Promise<T> {
    if (this.#running >= this.#max) await this.#turn(urgency);
    else this.#running += 1;
    try {
      return await job();
    } finally {
      const next = this.#next();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(urgency: number): Promise<void> {
    return new Promise((resolve) => {
      const queue = this.#waiting.get(urgency);
      if (queue === undefined) this.#waiting.set(urgency, [resolve]);
      else queue.push(resolve);
    });
  }

  #next(): (() => void) | undefined {
    for (const urgency of [...this.#waiting.keys()].sort((one, other) => other - one)) {
      const next = this.#waiting.get(urgency)?.shift();
      if (next !== undefined) return next;
    }
    return undefined;
  }
}
