const multipliers: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * A quantity as a plain number of its unit (cores, bytes). What a machine has fits into a double exactly enough; the
 * API keeps the exact value. Undefined for malformed text.
 */
export function quantityNumber(text: string | number | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(String(text));
  if (match === null) return undefined;
  return Number(`${match[1]}${match[2] ?? ''}`) * (multipliers[match[3] ?? ''] ?? 1);
}

/** Cores in thousandths, rounded up as upstream does. */
export function milliCores(text: string | number | undefined): number | undefined {
  const value = quantityNumber(text);
  return value === undefined ? undefined : Math.ceil(Number((value * 1000).toFixed(6)));
}
