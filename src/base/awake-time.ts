/** Time in which this process was awake: what a silence is measured in. */
import type { Clock } from './clock.ts';

/**
 * A clock that stands still while the process does. Who was stopped, suspended or busy for long has not listened: what
 * it should have heard meanwhile still waits to be read, and says nothing about who is silent. Ask it at least every
 * `stepMs`: a longer pause between two questions counts as that much.
 */
export class AwakeTime {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #stepMs: number;
  /** The last question, in monotonic ms. */
  #askedAt: number;
  #awakeMs = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, stepMs: number) {
    this.#clock = clock;
    this.#stepMs = stepMs;
    this.#askedAt = clock.monotonic();
  }

  /** Awake ms since the beginning; only differences mean anything. */
  now(): number {
    const now = this.#clock.monotonic();
    this.#awakeMs += Math.min(now - this.#askedAt, this.#stepMs);
    this.#askedAt = now;
    return this.#awakeMs;
  }
}
