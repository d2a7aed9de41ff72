import { isRecord } from '../custom-schema/index.ts';
import type { RepeatedEntries } from '../decoding/index.ts';

/** `duplicate field "spec.x"` for every key that an object of the body repeats, in the order of the document. */
export function repeatedFields(root: unknown, repeated: RepeatedEntries): readonly string[] {
  const found = new Set<string>();
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) value.forEach((item: unknown, index) => { visit(item, `${path}[${index}]`); });
    if (!isRecord(value)) return;
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
