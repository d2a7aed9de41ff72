/** How long work on something large rests before it is done again. */

/** Work that looks at fewer objects than this never rests. */
const smallMax = 200;
/** About ten times what it takes to look at an object, so that such work leaves most of a processor to others. */
const restMsPerObject = 0.2;
const restMsMax = 2_000;

/**
 * How long to let changes gather, in ms, after a look at so many objects; 0 for a few. A change of one object may call
 * for a look at thousands: together with the changes that follow it, that look is made once.
 */
export function restMsAfter(objects: number): number {
  return objects < smallMax ? 0 : Math.min(objects * restMsPerObject, restMsMax);
}
