import type { GroupVersionKind, TypeSchema } from './field.ts';

/** The struct of this name. Throws InvariantError when the tables have none. */
export function typeSchema(name: string): TypeSchema {
  throw new Error(`not yet: ${name}`);
}

/** The struct of this name, or undefined when the tables have none. */
export function findType(name: string): TypeSchema | undefined {
  void name;
  return undefined;
}

/** Schema type name of a kind, `core/v1.Pod` of (``, `v1`, `Pod`); undefined when the tables have none. */
export function typeOfKind(kind: GroupVersionKind): string | undefined {
  void kind;
  return undefined;
}
