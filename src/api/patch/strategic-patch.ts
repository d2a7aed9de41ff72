/** Strategic merge patch. */

import type { JsonObject } from '../object.ts';
import { isObject, setOwn } from '../../base/index.ts';
import { badRequest, deepClone } from '../machinery/index.ts';
import { findType } from '../schema/index.ts';
import { goText } from './go-text.ts';
import { directive, type FieldFacts, withoutDirectives } from './strategic-directives.ts';
import { deleteValues, type ListContext, mergeLists, orderByDirective } from './strategic-lists.ts';

/**
 * Strategic merge patch, after upstream's util/strategicpatch: merge patch whose lists merge by the keys that the
 * schema names, with directives inside the patch (`$patch`, `$retainKeys`, `$setElementOrder/…`,
 * `$deleteFromPrimitiveList/…`).
 */
const retainKeys = '$retainKeys';
const orderPrefix = '$setElementOrder/';
const deletionPrefix = '$deleteFromPrimitiveList/';

const unknownField: FieldFacts = { type: undefined, merges: false, replaces: false, mergeKey: '' };

function factsOf(type: string | undefined, field: string): FieldFacts {
  const schema = type === undefined ? undefined : findType(type)?.fields.get(field);
  if (schema === undefined) return unknownField;
  const strategies = (schema.patchStrategy ?? '').split(',');
  return {
    type: schema.map ? undefined : schema.ref,
    merges: strategies.includes('merge'),
    replaces: strategies.includes('replace'),
    mergeKey: schema.patchMergeKey ?? '',
  };
}

const shapeOf = (value: unknown): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);

/**
 * The patched document; neither argument is changed. `type` is the schema's name of the document's struct. Throws a
 * StatusError.
 */
export function strategicPatch(document: unknown, patch: unknown, type: string): JsonObject {
  if (!isObject(patch)) throw badRequest('json: cannot unmarshal into Go value of type map[string]interface {}');
  return mergeMaps(isObject(document) ? deepClone(document) : {}, deepClone(patch), type);
}

/** Merges `patch` into `original`; both are used up. */
function mergeMaps(original: JsonObject, patch: JsonObject, type: string | undefined): JsonObject {
  if (Object.hasOwn(patch, directive)) return mapByDirective(patch);
  applyRetainKeys(original, patch);
  applyElementOrders(original, patch, type);
  for (const [key, value] of Object.entries(patch)) {
    const deletes = key.startsWith(deletionPrefix);
    mergeMember(original, { key: deletes ? key.slice(deletionPrefix.length) : key, value, deletes, type });
  }
  return original;
}

interface Member {
  readonly key: string;
  readonly value: unknown;
  readonly deletes: boolean;
  readonly type: string | undefined;
}

function mergeMember(original: JsonObject, { key, value, deletes, type }: Member): void {
  if (value === null) {
    delete original[key];
    return;
  }
  const present = Object.hasOwn(original, key) ? original[key] : undefined;
  if (present === undefined || shapeOf(present) !== shapeOf(value)) {
    if (!deletes) takeValue(original, key, value);
    return;
  }
  const facts = factsOf(type, key);
  if (Array.isArray(present))
    setOwn(original, key, mergeListMember(present, value as unknown[], { facts, deletes, field: key, mergeMaps }));
  else if (isObject(present))
    setOwn(original, key, facts.replaces ? value : mergeMaps(present, value as JsonObject, facts.type));
  else setOwn(original, key, value);
}

function mergeListMember(
  present: unknown[],
  value: unknown[],
  context: ListContext & { readonly deletes: boolean },
): unknown[] {
  if (context.deletes) return deleteValues(present, value);
  return context.facts.merges ? mergeLists(present, value, context) : value;
}

/** Something new: without nulls, and without anything that only a directive would have made sense of. */
function takeValue(original: JsonObject, key: string, value: unknown): void {
  const kept = withoutDirectives(value);
  if (kept === undefined) delete original[key];
  else setOwn(original, key, kept);
}

function mapByDirective(patch: JsonObject): JsonObject {
  const { [directive]: wish, ...rest } = patch;
  if (wish === 'replace') return rest;
  if (wish === 'delete') return {};
  throw badRequest(`unknown patch type: ${goText(wish)} in map: ${goText(patch)}`);
}

function applyRetainKeys(original: JsonObject, patch: JsonObject): void {
  if (!Object.hasOwn(patch, retainKeys)) return;
  const keys = patch[retainKeys];
  delete patch[retainKeys];
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(deletionPrefix) || key.startsWith(orderPrefix)) continue;
    if (!keys.includes(key)) throw badRequest('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!keys.includes(key)) delete original[key];
}

/** Lists whose order the patch states: merges them, puts them in order and takes them out of the patch. */
function applyElementOrders(original: JsonObject, patch: JsonObject, type: string | undefined): void {
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    delete patch[key];
    if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
    const field = key.slice(orderPrefix.length);
    const context: ListContext = { facts: factsOf(type, field), field, mergeMaps };
    const present = original[field];
    const wanted = patch[field];
    if (!Array.isArray(present) && !Array.isArray(wanted)) continue;
    setOwn(original, field, orderByDirective({ present, wanted, order }, context));
    delete patch[field];
  }
}
