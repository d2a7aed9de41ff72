/** How many pods a rolling update may have too many, and how many may be missing. */
import { type IntOrString, scaledValue } from '../../api/index.ts';

/**
 * maxSurge (rounded up) and maxUnavailable (rounded down); both zero would never move, so then one may be unavailable.
 */
export function rollingBounds(
  strategy:
    | { readonly maxSurge?: IntOrString | undefined; readonly maxUnavailable?: IntOrString | undefined }
    | undefined,
  replicas: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const maxSurge = scaledValue(strategy?.maxSurge, replicas, 'up') ?? 0;
  const maxUnavailable = scaledValue(strategy?.maxUnavailable, replicas, 'down') ?? 0;
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable };
}
