/** JSON Merge Patch (RFC 7386). */

import { isObject, setOwn } from '../../base/index.ts';

/**
 * JSON merge patch (RFC 7386): objects merge member by member, null removes, anything else replaces. Changes neither
 * argument.
 */
export function mergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base = isObject(document) ? document : {};
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(base))
    if (!Object.hasOwn(patch, key)) setOwn(merged, key, value);
    else if (patch[key] !== null) setOwn(merged, key, mergePatch(value, patch[key]));
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !Object.hasOwn(base, key)) setOwn(merged, key, mergePatch(undefined, value));
  }
  return merged;
}
