/** The hash of the house for spreading and naming. */

/**
 * FNV-1a of 32 bits over UTF-16 units (Fowler, Noll, Vo): the same everywhere, for spreading and naming, never for
 * secrets. `seed`: another function.
 */
export function fnv1a(text: string, seed = 0x811c9dc5): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** The same over code points, for hashes that running containers carry: it differs outside the basic plane only. */
export function fnv1aOfCodePoints(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
