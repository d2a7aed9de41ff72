/** Wakes a controller's keys no faster than their actors fit in memory. */
import type { Region } from '../../actors/index.ts';
import type { Timer, Timers } from '../../base/index.ts';

/** Actors of one controller in memory before further keys wait. */
const residentMax = 1_024;
/**
 * How often waiting keys get a turn, and how many of them at least: actors that failed stay in memory.
 */
const pauseMs = 20;
const wokenMin = 64;

/**
 * One change may wake every object of a cluster (each pod of a lost zone). An actor takes several kilobytes, a
 * waiting key next to nothing: so no more are woken than fit, and the others follow as those leave.
 */
export class WakeQueue {
  readonly #timers: Timers;
  readonly #region: Pick<Region<never>, 'disperse' | 'resident'>;
  readonly #wake: (key: string) => void;
  readonly #waiting = new Set<string>();
  #timer: Timer | undefined;

  constructor(
    timers: Timers,
    {
      region,
      wake,
    }: { readonly region: Pick<Region<never>, 'disperse' | 'resident'>; readonly wake: (key: string) => void },
  ) {
    this.#timers = timers;
    this.#region = region;
    this.#wake = wake;
  }

  /** A key that waits already is woken once. */
  add(key: string): void {
    if (this.#waiting.size === 0 && this.#region.resident < residentMax) {
      this.#wake(key);
      return;
    }
    this.#waiting.add(key);
    this.#timer ??= this.#timers.after(pauseMs, () => {
      this.#next();
    });
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #next(): void {
    this.#region.disperse();
    let left = Math.max(residentMax - this.#region.resident, wokenMin);
    for (const key of this.#waiting) {
      if (left <= 0) break;
      left -= 1;
      this.#waiting.delete(key);
      this.#wake(key);
    }
    this.#timer =
      this.#waiting.size === 0
        ? undefined
        : this.#timers.after(pauseMs, () => {
            this.#next();
          });
  }
}
