/** What the generators of TypeScript types from the schema tables share. */
import { type FieldSchema, typeSchema } from '../src/api/schema/index.ts';

/** The types and all that they refer to, sorted by name. */
export function reachable(roots: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { ref } of typeSchema(name).fields.values()) if (ref !== undefined) visit(ref);
  };
  for (const root of roots) visit(root);
  return [...seen].sort();
}

/** A field's name as an interface declares it. */
export function propertyName({ name }: FieldSchema): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

/** `core/v1.Pod` is CoreV1Pod: the same short name stands for different types in different groups. */
export function qualifiedTypeName(name: string): string {
  return name
    .split(/[/.]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
