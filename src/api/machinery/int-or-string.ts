/** Fields that hold a number or a percentage (intstr.IntOrString). */

/** A value of Kubernetes' IntOrString: a number, or text such as `25%` or a port's name. */
export type IntOrString = number | string;

/** The share that `25%` says, as a whole number; undefined for any other text. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value === 'number') return undefined;
  const digits = /^([0-9]+)%$/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * A count out of `total`: a number stands for itself, a percentage is scaled and rounded
 * (intstr.GetScaledValueFromIntOrPercent). Undefined where there is neither.
 */
export function scaledValue(
  value: IntOrString | undefined,
  total: number,
  rounding: 'up' | 'down',
): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  const share = percentOf(value);
  if (share === undefined) return undefined;
  const exact = (share * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
