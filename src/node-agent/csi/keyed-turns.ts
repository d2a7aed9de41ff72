/** Turns for jobs that must not overlap. */

/** One job at a time for each key; jobs of other keys never wait. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the job when all earlier ones of the key have ended, and settles as it does. */
  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(job);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, ended);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
