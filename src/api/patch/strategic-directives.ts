/** Directives of strategic merge patches, and how to recognize them. */

import type { JsonObject } from '../object.ts';
import { isObject, setOwn } from '../../base/index.ts';

/** The member of a patch that says what becomes of a map or an item: `replace`, `delete` or `merge`. */
export const directive = '$patch';

/** How the schema merges one field. */
export interface FieldFacts {
  /** Type of the struct, or of a list's or map's items; undefined where the schema knows no struct. */
  readonly type: string | undefined;
  readonly merges: boolean;
  readonly replaces: boolean;
  readonly mergeKey: string;
}

/** The value without nulls; a map with a directive is no value at all (undefined). */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, directive)) return undefined;
  const kept: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const plain = member === null ? undefined : withoutDirectives(member);
    if (plain !== undefined) setOwn(kept, key, plain);
  }
  return kept;
}
