/** Delays that double with each failure (CrashLoopBackOff, ImagePullBackOff). */

/** A delay that doubles with each failure and is forgotten after quiet time. */
export interface BackOff {
  readonly delayMs: number;
  /** When it was last raised; wall-clock ms. */
  readonly raisedAt: number;
}

interface BackOffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Kubernetes' restart and image back-off: 10 s, doubling, at most 5 min. */
const restartBackOff: BackOffLimits = { firstMs: 10_000, longestMs: 300_000 };

/** The back-off after one more failure; it starts over when the last one is long past (twice the longest delay). */
export function raiseBackOff(
  now: number,
  backOff: BackOff | undefined,
  bounds: BackOffLimits = restartBackOff,
): BackOff {
  if (backOff === undefined || now - backOff.raisedAt > 2 * bounds.longestMs)
    return { delayMs: bounds.firstMs, raisedAt: now };
  return { delayMs: Math.min(bounds.longestMs, backOff.delayMs * 2), raisedAt: now };
}

const firstRetryMs = 250;
const longestRetryMs = 10_000;

/** A short wait that doubles: for things that are soon there (a ConfigMap that is created next). */
export const shortRetryMs = (retries: number): number => Math.min(longestRetryMs, firstRetryMs * 2 ** retries);
