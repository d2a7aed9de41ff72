/** Reads the pod of an admission request. */
import type { JsonObject } from '../../../api/index.ts';

/** The spec of a pod that admission is changing. */
export function specOf(pod: JsonObject): JsonObject {
  const spec = pod['spec'];
  if (typeof spec === 'object' && spec !== null) return spec as JsonObject;
  const made: JsonObject = {};
  pod['spec'] = made;
  return made;
}

/** A list of objects; an empty one when the field is absent. */
export function listOf(object: JsonObject, field: string): JsonObject[] {
  const list = object[field];
  return Array.isArray(list) ? (list as JsonObject[]) : [];
}

export function annotationsOf(object: JsonObject): Readonly<Record<string, string>> {
  const metadata = object['metadata'] as JsonObject | undefined;
  return (metadata?.['annotations'] as Record<string, string> | undefined) ?? {};
}
