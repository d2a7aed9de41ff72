/** Reads the body of a patch. */
import {
  badRequest,
  deepClone,
  goText,
  type JsonObject,
  jsonPatch,
  JsonSyntaxError,
  mediaTypeOf,
  mergePatch,
  numbersOfType,
  type ParsedYaml,
  parseJson,
  parseJsonSteps,
  parseYaml,
  repeatedFields,
  StatusError,
  strategicPatch,
  YamlTextError,
} from '../../api/index.ts';
import { isObject, setOwn, type Steps } from '../../base/index.ts';
import { decodeText } from '../stored/encoding.ts';
import type { RequestBody } from '../service.ts';

export const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;
type PatchType = (typeof patchTypes)[number];

/** A patch that was read: what it does, and what of its text is not as it should be. */
export interface ReadPatch {
  readonly type: Exclude<PatchType, 'application/apply-patch+yaml'>;
  /** The patched object, in steps; the argument is not changed. */
  readonly change: (object: JsonObject) => Steps<unknown>;
  /** Repeated keys, and members that no operation of a JSON patch has. */
  readonly strictErrors: readonly string[];
  /** What errors show: a strategic patch itself, otherwise what the patch made. */
  readonly shown: (made: unknown) => string;
}

/** An applied configuration; `strictError` is upstream's text about repeated keys. */
export interface AppliedConfig {
  readonly config: JsonObject;
  readonly strictError: string | undefined;
}

/** The kind of patch that a content type names; 415 for any other. */
export function patchTypeOf(contentType: string): PatchType {
  const type = mediaTypeOf(contentType);
  const found = patchTypes.find((known) => known === type);
  if (found !== undefined) return found;
  throw new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}

/** Reads a JSON, merge or strategic patch of an object of a schema type. Throws 400 with upstream's texts. */
export function* readPatch(type: ReadPatch['type'], schemaType: string, body: RequestBody): Steps<ReadPatch> {
  const prefix = type === 'application/strategic-merge-patch+json' ? '' : 'error decoding patch: ';
  const { value, repeated } = yield* valueOf(body, schemaType, prefix);
  yield;
  const strictErrors = repeatedFields(value, repeated);
  const made = (object: unknown): string => JSON.stringify(object);
  if (type === 'application/json-patch+json') {
    // Go reads null as a list without operations.
    if (value !== null && !Array.isArray(value))
      throw badRequest(`${prefix}json: cannot unmarshal ${kindOf(value)} into Go value of type jsonpatch.Patch`);
    const operations = value ?? [];
    return {
      type,
      *change(object) {
        yield;
        return jsonPatch(object, operations);
      },
      strictErrors: [...strictErrors, ...unknownMembers(operations)].map((text) => `json patch ${text}`),
      shown: made,
    };
  }
  if (value === null && type === 'application/merge-patch+json') throw badRequest('Invalid JSON Patch');
  const patch = value ?? {};
  if (!isObject(patch))
    throw badRequest(`${prefix}json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
  if (type === 'application/merge-patch+json')
    return { type, change: (object) => copied(object, (copy) => mergePatch(copy, patch)), strictErrors, shown: made };
  return {
    type,
    change: (object) => copied(object, (copy) => strategicPatch(copy, patch, schemaType)),
    strictErrors,
    shown: () => goText(patch),
  };
}

function* copied(object: JsonObject, change: (copy: JsonObject) => unknown): Steps<unknown> {
  const copy = deepClone(object);
  yield;
  return change(copy);
}

const operationMembers: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

function unknownMembers(operations: readonly unknown[]): string[] {
  return operations.flatMap((operation, index) =>
    isObject(operation)
      ? Object.keys(operation)
          .filter((key) => !operationMembers.has(key))
          .map((key) => `unknown field "[${index}].${key}"`)
      : [],
  );
}

function* valueOf(body: RequestBody, schemaType: string, prefix: string): ReturnType<typeof parseJsonSteps> {
  if (body.value !== undefined) return { value: jsonCopy(body.value) };
  try {
    return yield* parseJsonSteps(decodeText(body.bytes), true, numbersOfType(schemaType));
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badRequest(`${prefix}${error.message}`, error);
    throw error;
  }
}

/** A copy that says what the value's JSON would: fields that are undefined are absent. */
function jsonCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map(jsonCopy);
  const copy: JsonObject = {};
  for (const [name, field] of Object.entries(value)) if (field !== undefined) setOwn(copy, name, jsonCopy(field));
  return copy;
}

/** Reads what is applied: an object of a schema type in YAML, of which JSON is a part. Throws 400. */
export function readApplied(schemaType: string, body: RequestBody): AppliedConfig {
  const { value, strictError } = appliedValue(schemaType, body);
  // Nothing at all is an object without a kind.
  const config = value ?? {};
  if (!isObject(config))
    throw badRequest(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ' +
        `${kindOf(value)} into Go value of type map[string]interface {}`,
    );
  return { config, strictError };
}

interface AppliedText {
  readonly value: unknown;
  readonly strictError: string | undefined;
}

function appliedValue(schemaType: string, body: RequestBody): AppliedText {
  if (body.value !== undefined) return { value: jsonCopy(body.value), strictError: undefined };
  return body.yaml === undefined ? appliedText(schemaType, decodeText(body.bytes)) : appliedYaml(body.yaml);
}

/** JSON is read as such, which is far faster; what repeats a key needs the lines that YAML's reader knows. */
function appliedText(schemaType: string, text: string): AppliedText {
  try {
    const { value, repeated } = parseJson(text, true, numbersOfType(schemaType));
    if (repeated === undefined || repeated.size === 0) return { value, strictError: undefined };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  return appliedYaml(() => parseYaml(text));
}

function appliedYaml(parse: () => ParsedYaml): AppliedText {
  try {
    const { value, repeatedKeys } = parse();
    return { value, strictError: repeatedKeys };
  } catch (error) {
    if (error instanceof YamlTextError)
      throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`, error);
    throw error;
  }
}
