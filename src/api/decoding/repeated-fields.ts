/** Texts about repeated keys of a body. */

import type { RepeatedEntries } from './json-reader.ts';

/** `duplicate field "spec.x"` for every key that an object of a text repeats, in the order of the document. */
export function repeatedFields(root: unknown, repeated: RepeatedEntries | undefined): readonly string[] {
  if (repeated === undefined || repeated.size === 0) return [];
  const found = new Set<string>();
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value))
      value.forEach((item: unknown, index) => {
        visit(item, `${path}[${index}]`);
      });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const seen = new Set<string>();
    for (const [key, member] of repeated.get(value) ?? Object.entries(value)) {
      const child = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) found.add(`duplicate field "${child}"`);
      seen.add(key);
      visit(member, child);
    }
  };
  visit(root, '');
  return [...found];
}
