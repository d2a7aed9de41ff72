/** Runs jobs one after the other, a job of each user in turn. */

interface Bounds {
  /** Jobs of one user that wait or run, and of all together. */
  readonly perUserMax: number;
  readonly allMax: number;
}

interface Waiting {
  readonly start: () => void;
}

export class FairJobs {
  readonly #bounds: Bounds;
  readonly #waiting = new Map<string, Waiting[]>();
  /** Jobs of each user that wait or run. */
  readonly #counts = new Map<string, number>();
  #all = 0;
  #running = false;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** The job's result. Undefined when too many jobs wait already: it is not run. */
  run<T>(user: string, job: () => Promise<T>): Promise<T> | undefined {
    const count = this.#counts.get(user) ?? 0;
    if (count >= this.#bounds.perUserMax || this.#all >= this.#bounds.allMax) return undefined;
    this.#counts.set(user, count + 1);
    this.#all += 1;
    const result = new Promise<void>((start) => {
      const queue = this.#waiting.get(user);
      if (queue === undefined) this.#waiting.set(user, [{ start }]);
      else queue.push({ start });
    }).then(job);
    const done = (): void => {
      this.#done(user);
    };
    void result.then(done, done);
    this.#next();
    return result;
  }

  #done(user: string): void {
    const count = (this.#counts.get(user) ?? 1) - 1;
    if (count === 0) this.#counts.delete(user);
    else this.#counts.set(user, count);
    this.#all -= 1;
    this.#running = false;
    this.#next();
  }

  #next(): void {
    if (this.#running) return;
    for (const [user, queue] of this.#waiting) {
      const first = queue.shift();
      // Who has had his turn stands at the end.
      this.#waiting.delete(user);
      if (queue.length > 0) this.#waiting.set(user, queue);
      if (first === undefined) continue;
      this.#running = true;
      first.start();
      return;
    }
  }
}
