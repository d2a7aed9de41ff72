import { badRequest, type JsonObject, JsonSyntaxError, parseJson, parseYaml, StatusError, YamlTextError } from '../api/index.ts';

export const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'] as const;
export type PatchType = typeof patchTypes[number];

/** The kind of patch that a content type names; 415 for any other. */
export function patchTypeOf(contentType: string): PatchType {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const found = patchTypes.find((known) => known === type);
  if (found !== undefined) return found;
  throw new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${patchTypes.join(', ')}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a JSON, merge or strategic patch. Throws 400 with upstream's texts. */
export function parsePatchBody(type: PatchType, text: string): unknown {
  const prefix = type === 'application/strategic-merge-patch+json' ? '' : 'error decoding patch: ';
  const value = parsedJson(text, prefix);
  if (type === 'application/json-patch+json') {
    if (!Array.isArray(value)) throw badRequest(`${prefix}json: cannot unmarshal ${kindOf(value)} into Go value of type jsonpatch.Patch`);
  } else if (!isObject(value)) {
    throw badRequest(`${prefix}json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
  }
  return value;
}

function parsedJson(text: string, prefix: string): unknown {
  try {
    return parseJson(text, false).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badRequest(`${prefix}${error.message}`);
    throw error;
  }
}

/** Parses what is applied: an object in YAML, of which JSON is a part. Throws 400. */
export function parseApplyBody(bytes: Uint8Array): JsonObject {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = looksLikeJson(text) ? parseJson(text, false).value : parseYaml(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof YamlTextError) throw badRequest(`error decoding YAML: ${error.message}`);
    throw error;
  }
  if (!isObject(value)) throw badRequest(`error decoding YAML: json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`);
  return value;
}

function looksLikeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
