/** Takes over the fields of client-side apply (last-applied-configuration). */

import { isObject } from '../../base/index.ts';
import type { JsonObject } from '../object.ts';
import { difference, emptySet, type FieldSet } from './field-set.ts';
import type { MergeNode } from './merge-schema.ts';
import { typeProblems } from './typed-check.ts';
import { compareTyped } from './typed-compare.ts';
import { fieldsOf } from './typed-fields.ts';

/** The manager that client-side apply and kubectl's server-side apply share by default. */
export const clientSideManager = 'kubectl';
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

function annotationsOf(object: JsonObject): Record<string, string> | undefined {
  return (
    (object['metadata'] as { annotations?: Record<string, string> | null } | null | undefined)?.annotations ?? undefined
  );
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The fields that client-side apply set and that still have its values. */
export function allowedByLastApplied(node: MergeNode, live: JsonObject): FieldSet {
  const applied = parseObject(annotationsOf(live)?.[annotation] ?? '');
  if (applied === undefined || typeProblems(node, applied).length > 0) return emptySet;
  const { changed, removed } = compareTyped(node, applied, live);
  return difference(difference(fieldsOf(node, applied), changed), removed);
}

/**
 * Keeps the annotation of client-side apply in step, where the object has one, so that either way of applying can
 * follow.
 */
export function syncLastApplied(object: JsonObject, config: JsonObject): void {
  const annotations = annotationsOf(object);
  if (annotations?.[annotation] === undefined) return;
  const { annotations: own, ...metadata } = (config['metadata'] ?? {}) as { annotations?: Record<string, string> };
  const { [annotation]: _old, ...rest } = own ?? {};
  const applied = { ...config, metadata: { ...metadata, annotations: own === undefined ? undefined : rest } };
  (object['metadata'] as { annotations: unknown }).annotations = {
    ...annotations,
    [annotation]: `${JSON.stringify(applied)}\n`,
  };
}
