/** Short names for templates, as in pod-template-hash. */
import { fnv1a } from '../../base/index.ts';
import { stableText } from '../runtime/index.ts';

/** The letters of hashes in names: no vowels and no look-alikes (rand.SafeEncodeString). */
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short name for a template's content: pod-template-hash and controller revision hashes. `collisions` gives another
 * name on demand.
 */
export function templateHash(template: unknown, collisions: number | undefined): string {
  const text = collisions === undefined ? stableText(template) : `${stableText(template)}#${String(collisions)}`;
  return [...String(fnv1a(text))].map((digit) => letters[digit.charCodeAt(0) % letters.length]).join('');
}
