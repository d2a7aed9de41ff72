import { fnv1a } from '../base/index.ts';

/** The letters of hashes in names: no vowels and no look-alikes (rand.SafeEncodeString). */
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** JSON with sorted keys and without empty values, so that equal meanings give equal texts. */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${stableText(field)}`).join(',')}}`;
}

/**
 * A short name for a template's content: pod-template-hash and controller revision hashes. `collisions` gives another
 * name on demand.
 */
export function templateHash(template: unknown, collisions: number | undefined): string {
  const text = collisions === undefined ? stableText(template) : `${stableText(template)}#${String(collisions)}`;
  return [...String(fnv1a(text))].map((digit) => letters[digit.charCodeAt(0) % letters.length]).join('');
}
