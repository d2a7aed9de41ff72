/** Remembers which of a controller's keys rest after a long look, and until when. */
import type { Clock } from '../../base/index.ts';

/** An entry for each key that was looked at a moment ago and named a rest; a passed one goes when it is asked for. */
export class Rests {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  begin(key: string, restMs: number): void {
    if (restMs > 0) this.#until.set(key, this.#clock.monotonic() + restMs);
  }

  /** How long the key still rests, in ms; 0: it does not. */
  leftMs(key: string): number {
    const until = this.#until.get(key);
    if (until === undefined) return 0;
    const left = until - this.#clock.monotonic();
    if (left > 0) return left;
    this.#until.delete(key);
    return 0;
  }

  clear(): void {
    this.#until.clear();
  }
}
