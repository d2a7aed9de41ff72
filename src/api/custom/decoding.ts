/** Decodes custom objects by the schema of their version. */

import {
  badRequest,
  deepClone,
  type FieldError,
  invalid,
  invalidError,
  mediaTypeOf,
  type StatusError,
  unsupportedMediaType,
} from '../machinery/index.ts';
import { atOnce, isObject, type Steps } from '../../base/index.ts';
import { dropNulls, itemsOf, type JsonSchema, propertyOf, prune, valuesOf } from '../custom-schema/index.ts';
import {
  conformObject,
  DecodeError,
  type FieldValidation,
  JsonSyntaxError,
  type ParsedYaml,
  parseJsonSteps,
  parseYaml,
  repeatedFields,
  strictWarnings,
  summaryOf,
  YamlTextError,
} from '../decoding/index.ts';
import type { JsonObject } from '../object.ts';

/** What a body must be. */
export interface CustomType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: JsonSchema;
}

export interface CustomBody {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** What the bytes say as YAML, where that was parsed elsewhere. Throws YamlTextError. */
  readonly yaml?: (() => ParsedYaml) | undefined;
  readonly fieldValidation: FieldValidation;
}

/** Decodes a request body as an object of a custom kind. Throws StatusError 400, 415, or 422 for another kind. */
export function* decodeCustom(
  type: CustomType,
  body: CustomBody,
): Steps<{ readonly object: JsonObject; readonly warnings: readonly string[] }> {
  const { value, repeated } = yield* readBody(type, body);
  yield;
  const given = checkType(type, value, body.bytes);
  const refuse = (problem: string): StatusError =>
    badRequest(
      `${given.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${problem}`,
    );
  const { object, strictErrors } = yield* conformSteps(type, value, refuse);
  const problems = [...repeated, ...strictErrors];
  if (body.fieldValidation === 'Strict' && problems.length > 0)
    throw refuse(`strict decoding error: ${problems.join(', ')}`);
  checkKind(type, object);
  return { object, warnings: body.fieldValidation === 'Warn' ? strictWarnings(problems) : [] };
}

interface ConformedCustom {
  readonly object: JsonObject;
  readonly strictErrors: readonly string[];
}

/**
 * A parsed value as an object of the kind: metadata in the shape of ObjectMeta, what the schema does not know removed,
 * nulls that may not be there dropped. The value is not changed. `refuse` makes the error for metadata of wrong types.
 */
export function conformCustom(type: CustomType, value: unknown, refuse: (problem: string) => Error): ConformedCustom {
  return atOnce(conformSteps(type, value, refuse));
}

function* conformSteps(type: CustomType, value: unknown, refuse: (problem: string) => Error): Steps<ConformedCustom> {
  const source = isObject(value) ? (deepClone(value) as JsonObject) : {};
  yield;
  const { metadata, problems } = conformMetadata(source['metadata'], refuse);
  const removed = prune(source, type.schema);
  yield;
  dropNulls(source, type.schema);
  const inside = conformEmbedded(source, type.schema, { path: '', refuse });
  yield;
  const { apiVersion, kind, metadata: _metadata, ...rest } = source;
  const object: JsonObject = { apiVersion, kind, metadata: metadata ?? {}, ...sortedMembers(rest) };
  return { object, strictErrors: [...problems, ...removed.map((path) => `unknown field "${path}"`), ...inside.sort()] };
}

function conformMetadata(
  metadata: unknown,
  refuse: (problem: string) => Error,
): { readonly metadata: unknown; readonly problems: readonly string[] } {
  try {
    const { object, strictErrors } = conformObject('meta/v1.PartialObjectMetadata', { metadata }, { strict: true });
    return { metadata: object['metadata'], problems: strictErrors };
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

interface EmbeddedPlace {
  readonly path: string;
  readonly refuse: (problem: string) => Error;
}

/**
 * Brings the metadata of objects inside the object into the shape of ObjectMeta, in place; answers what it did not
 * know.
 */
function conformEmbedded(value: unknown, schema: JsonSchema | undefined, { path, refuse }: EmbeddedPlace): string[] {
  if (schema === undefined) return [];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) =>
      conformEmbedded(item, itemsOf(schema), { path: `${path}[${index}]`, refuse }),
    );
  if (!isObject(value)) return [];
  const problems: string[] = [];
  if (path !== '' && schema['x-kubernetes-embedded-resource'] === true && value['metadata'] !== undefined) {
    const found = conformMetadata(value['metadata'], (problem) => refuse(`${path}.metadata: ${problem}`));
    const metadata = { ...(found.metadata as JsonObject | undefined) };
    if ((metadata['creationTimestamp'] ?? undefined) === undefined) delete metadata['creationTimestamp'];
    value['metadata'] = metadata;
    problems.push(...found.problems.map((text) => text.replace('field "', `field "${path}.`)));
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === 'metadata' && schema['x-kubernetes-embedded-resource'] === true) continue;
    problems.push(
      ...conformEmbedded(member, propertyOf(schema, name) ?? valuesOf(schema), {
        path: path === '' ? name : `${path}.${name}`,
        refuse,
      }),
    );
  }
  return problems;
}

/** Members in the order of their names, all the way down, as upstream writes objects without a type. */
function sortedMembers(value: JsonObject): JsonObject {
  return sorted(value) as JsonObject;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

interface ReadBody {
  readonly value: unknown;
  /** Repeated keys, `duplicate field "spec.x"`. */
  readonly repeated: readonly string[];
}

const mediaTypes = ['application/json', 'application/yaml'];

function* readBody(type: CustomType, { bytes, contentType, yaml, fieldValidation }: CustomBody): Steps<ReadBody> {
  const mediaType = mediaTypeOf(contentType);
  const strict = fieldValidation !== 'Ignore';
  const text = new TextDecoder().decode(bytes);
  try {
    if (mediaType === '' || mediaType === 'application/json') {
      const { value, repeated } = yield* parseJsonSteps(text, strict);
      return { value, repeated: repeatedFields(value, repeated) };
    }
    if (mediaType === 'application/yaml') {
      const { value, repeatedKeys } = yaml?.() ?? parseYaml(text);
      return { value, repeated: strict && repeatedKeys !== undefined ? [repeatedKeys] : [] };
    }
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw unrecognized(type, `couldn't get version/kind; json parse error: ${error.message}`, {
        bytes,
        cause: error,
      });
    if (error instanceof YamlTextError) throw unrecognized(type, error.message, { bytes, cause: error });
    throw error;
  }
  throw unsupportedMediaType(mediaTypes);
}

interface Unrecognized {
  readonly bytes: Uint8Array;
  readonly cause?: unknown;
}

function unrecognized({ kind }: CustomType, problem: string, { bytes, cause }: Unrecognized): StatusError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${problem} (${summaryOf(bytes)})`,
    cause,
  );
}

function checkType(type: CustomType, value: unknown, bytes: Uint8Array): { readonly kind: string } {
  const { kind, apiVersion } = isObject(value) ? value : ({} as Record<string, unknown>);
  if (typeof kind !== 'string' || kind === '')
    throw unrecognized(type, `Object 'Kind' is missing in '${new TextDecoder().decode(bytes)}'`, { bytes });
  const wanted = `${type.group}/${type.version}`;
  const given = typeof apiVersion === 'string' ? apiVersion : '';
  if (given !== wanted)
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
  return { kind };
}

/** Another kind is refused as an invalid object of that kind. */
export function checkKind(type: CustomType, object: JsonObject): void {
  const { apiVersion, kind, metadata } = object as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: string };
  };
  const wanted = `${type.group}/${type.version}`;
  const errors: FieldError[] = [
    ...(kind === type.kind ? [] : [invalid('kind', kind, `must be ${type.kind}`)]),
    ...(apiVersion === wanted ? [] : [invalid('apiVersion', apiVersion, `must be ${wanted}`)]),
  ];
  if (errors.length > 0)
    throw invalidError({ group: type.group, kind: String(kind), name: metadata?.name ?? '', errors });
}
