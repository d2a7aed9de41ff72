/** Wakes many keys a few at a time, so that the start of a large cluster does not swamp the write path. */
import type { Clock, Timers } from '../../base/index.ts';

/** Keys that are woken in one turn. */
const batch = 64;
const pauseMsMin = 10;
const pauseMsMax = 100;

/**
 * Where a pause lasted longer than it should, the process was busy: then the next one is as long, so that the doors
 * have half of the time.
 */
export function wakeInBatches(
  keys: readonly string[],
  wake: (key: string) => void,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
): void {
  const wakeFrom = (first: number, pauseMs: number): void => {
    const next = first + batch;
    for (const key of keys.slice(first, next)) wake(key);
    if (next >= keys.length) return;
    const end = clock.monotonic() + pauseMs;
    timers.after(pauseMs, () => {
      wakeFrom(next, Math.min(Math.max(pauseMsMin, clock.monotonic() - end), pauseMsMax));
    });
  };
  wakeFrom(0, pauseMsMin);
}
