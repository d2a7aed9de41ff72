/** Merges the apply configurations of mutating admission policies. */

import type { JsonObject } from '../object.ts';
import { deepClone } from '../machinery/index.ts';
import { type MergeNode, nodeFor } from './merge-schema.ts';
import { problemsText, typeProblems } from './typed-check.ts';
import { mergeTyped } from './typed-merge.ts';

/**
 * Merges a configuration into an object as server-side apply does, but nobody owns what it sets. It may name nothing
 * within a list, map or struct that is owned as a whole: the rest of it would be lost. Throws Error with upstream's
 * text.
 */
export function mergeConfiguration(node: MergeNode, live: JsonObject, config: JsonObject): JsonObject {
  const problems = typeProblems(node, config);
  if (problems.length > 0) throw new Error(`failed to convert patch object to typed object: ${problemsText(problems)}`);
  const atomics = atomicPaths(node, config, '');
  if (atomics.length > 0)
    throw new Error(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`);
  return deepClone(mergeTyped(node, live, config)) as JsonObject;
}

function atomicPaths(unresolved: MergeNode, value: unknown, path: string): readonly string[] {
  const node = nodeFor(unresolved, value);
  if (Array.isArray(value) && node.kind === 'list')
    return [
      ...(node.relation === 'atomic' ? [path] : []),
      ...value.flatMap((item, index) => atomicPaths(node.element, item, `${path}[${index}]`)),
    ];
  if (typeof value !== 'object' || value === null || Array.isArray(value) || node.kind !== 'map') return [];
  const fields = Object.entries(value).flatMap(([name, member]) => {
    const field = node.field(name);
    return field === undefined ? [] : atomicPaths(field, member, `${path}.${name}`);
  });
  return [...(node.atomic ? [path] : []), ...fields];
}
