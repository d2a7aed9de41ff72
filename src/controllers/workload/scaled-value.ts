/** Numbers that may be percentages (intstr), as in maxSurge and maxUnavailable. */
import type { IntOrString } from '../../api/index.ts';

/**
 * A number, or a percentage of `total` rounded as asked (intstr.GetScaledValueFromIntOrPercent). Absent means `absent`.
 */
export function scaledValue(
  value: IntOrString | undefined,
  total: number,
  options: { readonly round: 'up' | 'down'; readonly absent?: number },
): number {
  if (value === undefined) return options.absent ?? 0;
  if (typeof value === 'number') return value;
  const percent = Number.parseInt(value, 10);
  if (Number.isNaN(percent)) return options.absent ?? 0;
  const exact = (percent * total) / 100;
  return options.round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/**
 * maxSurge (rounded up) and maxUnavailable (rounded down); both zero would never move, so then one may be unavailable.
 */
export function rollingBounds(
  strategy:
    | { readonly maxSurge?: IntOrString | undefined; readonly maxUnavailable?: IntOrString | undefined }
    | undefined,
  replicas: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const maxSurge = scaledValue(strategy?.maxSurge, replicas, { round: 'up' });
  const maxUnavailable = scaledValue(strategy?.maxUnavailable, replicas, { round: 'down' });
  if (maxSurge === 0 && maxUnavailable === 0) return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge, maxUnavailable };
}
