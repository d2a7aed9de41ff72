/** What one actor has done so far. */

/** Over how long a rate is taken, in ms. */
const windowMs = 5_000;

/** Messages, time, and a rate over the last seconds. Times are monotonic ms. */
export class TurnMeter {
  handled = 0;
  busyMs = 0;
  /** When the running message began; undefined between messages. */
  begunAt: number | undefined;
  /** When it last did anything: for passivation. */
  activeAt: number;
  #windowAt: number;
  #windowCount = 0;
  #perSecond = 0;

  constructor(now: number) {
    this.activeAt = now;
    this.#windowAt = now;
  }

  begin(now: number): void {
    this.begunAt = now;
  }

  end(now: number): void {
    this.busyMs += now - (this.begunAt ?? now);
    this.begunAt = undefined;
    this.activeAt = now;
    this.handled += 1;
    const elapsedMs = now - this.#windowAt;
    if (elapsedMs >= windowMs) {
      this.#perSecond = (this.#windowCount / elapsedMs) * 1_000;
      this.#windowAt = now;
      this.#windowCount = 0;
    }
    this.#windowCount += 1;
  }

  /**
   * The rate of the last full window; of the current one once it is longer, so that a rate falls when nothing comes.
   */
  perSecond(now: number): number {
    const elapsedMs = now - this.#windowAt;
    return elapsedMs < windowMs ? this.#perSecond : (this.#windowCount / elapsedMs) * 1_000;
  }
}
