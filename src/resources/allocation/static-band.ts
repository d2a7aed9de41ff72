/** The lower band of a range of node ports or addresses, which is left to those who choose by themselves. */

interface BandShape {
  /** The band is one of so many parts of the range. */
  readonly parts: number;
  /** It has at most so many values. */
  readonly valuesMax: number;
}

/** KEP-3668 */
export const nodePortBand: BandShape = { parts: 32, valuesMax: 128 };
/** KEP-3070 */
export const addressBand: BandShape = { parts: 16, valuesMax: 256 };

const valuesMin = 16;

/**
 * How many values at the start of a range of `size` values are chosen by themselves only when all above are taken. A
 * range of addresses counts whole, with those that are not given out. A range that is no larger than the least band
 * has none.
 */
export function staticBand(size: number, { parts, valuesMax }: BandShape): number {
  return size <= valuesMin ? 0 : Math.min(Math.max(valuesMin, Math.floor(size / parts)), valuesMax);
}
