/** Decodes the body of a request: JSON, YAML or protobuf into an object of a type. */

import { assert, atOnce, limits, type Steps } from '../../base/index.ts';
import { apiVersionOf, badRequest, mediaTypeOf, type StatusError, unsupportedMediaType } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { decodeProtobuf, ProtobufError } from '../protobuf/index.ts';
import { type GroupVersionKind, typeSchema } from '../schema/index.ts';
import { conformObject } from './conform.ts';
import { JsonSyntaxError, type RepeatedEntries } from './json-reader.ts';
import { parseJsonSteps } from './json-text.ts';
import { NumberLiteral } from './number-literal.ts';
import { isRegistered } from './registered-kinds.ts';
import { summaryOf } from './summary.ts';
import { DecodeError, jsonKind } from './walk.ts';
import { type ParsedYaml, parseYaml, strictWarnings, YamlTextError } from './yaml-text.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** A body as it came. */
interface EncodedBody {
  /** Where `value` is given, they are read only to show a body that makes no sense: they may be made when asked for. */
  readonly bytes: Uint8Array;
  /** What the bytes say, from a caller in this process, who keeps the value: it is neither changed nor kept. */
  readonly value?: unknown;
  /** What the bytes say as YAML, where that was parsed elsewhere. Throws YamlTextError. */
  readonly yaml?: (() => ParsedYaml) | undefined;
  /** As the header has it; parameters are allowed. JSON when empty. */
  readonly contentType: string;
}

interface DecodeRequest {
  readonly body: EncodedBody;
  /** Schema type name of the wanted kind. */
  readonly type: string;
  readonly fieldValidation: FieldValidation;
  /** Other versions of the kind that are taken for the wanted one. */
  readonly alsoVersions?: readonly string[];
}

interface DecodedObject {
  /** In the shape of its type, with `kind` and `apiVersion` set. */
  readonly object: JsonObject;
  /** Texts for Warning headers; only with `Warn`. */
  readonly warnings: readonly string[];
}

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;

/** What every encoding is brought to before its fields are looked at. */
interface RawBody {
  readonly value: unknown;
  readonly repeated?: RepeatedEntries | undefined;
  readonly literals?: boolean | undefined;
  /** No part of the value stands in it twice, as what a YAML alias names does. */
  readonly owned: boolean;
  /** The value is the caller's, and no part of it may become part of the result. */
  readonly shared: boolean;
  /** Strict errors of the text itself (repeated keys in YAML). */
  readonly textErrors: readonly string[];
}

/**
 * Decodes a request body against the tables. Throws StatusError 400 (malformed, wrong types, strict errors) or 415
 * (content type).
 */
export function decodeObject(request: DecodeRequest): DecodedObject {
  return atOnce(decodeSteps(request));
}

/** The same in steps. */
export function* decodeSteps(request: DecodeRequest): Steps<DecodedObject> {
  const wanted = typeSchema(request.type).groupVersionKind;
  assert(wanted !== undefined, `${request.type} is a kind`);
  const body = yield* readBody(request, wanted);
  yield;
  const given = givenKind(body.value, request.body, wanted);
  checkKind(given, wanted, request);
  try {
    const strict = request.fieldValidation !== 'Ignore';
    const { object, strictErrors } = conformObject(request.type, body.value, {
      strict,
      owned: body.owned,
      shared: body.shared,
      repeated: body.repeated,
      literals: body.literals,
    });
    return finish(object, [...body.textErrors, ...strictErrors], { request, wanted, given });
  } catch (error) {
    if (error instanceof DecodeError) throw refusal(given, wanted, error.message);
    throw error;
  }
}

interface Names {
  readonly request: DecodeRequest;
  readonly wanted: GroupVersionKind;
  readonly given: GivenKind;
}

function finish(object: JsonObject, strictErrors: readonly string[], { request, wanted, given }: Names): DecodedObject {
  if (request.fieldValidation === 'Strict' && strictErrors.length > 0)
    throw refusal(given, wanted, `strict decoding error: ${strictErrors.join(', ')}`);
  return {
    object: named(object, { kind: wanted.kind, apiVersion: apiVersionOf(wanted) }),
    warnings: request.fieldValidation === 'Warn' ? strictWarnings(strictErrors) : [],
  };
}

/** The object with its names, which come first. */
function named(object: JsonObject, typeMeta: { readonly kind: string; readonly apiVersion: string }): JsonObject {
  if (object['kind'] === typeMeta.kind && object['apiVersion'] === typeMeta.apiVersion) return object;
  return Object.assign({}, typeMeta, object, typeMeta);
}

function* readBody({ body, type, fieldValidation }: DecodeRequest, wanted: GroupVersionKind): Steps<RawBody> {
  if (body.value !== undefined) return { value: body.value, owned: false, shared: true, textErrors: [] };
  const mediaType = mediaTypeOf(body.contentType);
  const strict = fieldValidation !== 'Ignore';
  try {
    if (mediaType === '' || mediaType === 'application/json')
      return {
        ...(yield* parseJsonSteps(textOf(body.bytes), strict, (source) => new NumberLiteral(source))),
        owned: true,
        shared: false,
        textErrors: [],
      };
    if (mediaType === 'application/yaml') return readYaml(body, strict);
    if (mediaType === 'application/vnd.kubernetes.protobuf')
      return {
        value: decodeProtobuf(type, body.bytes, limits.protobufFieldsMax),
        owned: true,
        shared: false,
        textErrors: [],
      };
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw unrecognized(wanted, `couldn't get version/kind; json parse error: ${error.message}`, {
        bytes: body.bytes,
        cause: error,
      });
    if (error instanceof YamlTextError || error instanceof ProtobufError)
      throw unrecognized(wanted, error.message, { bytes: body.bytes, cause: error });
    throw error;
  }
  throw unsupportedMediaType(mediaTypes);
}

const utf8 = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

function readYaml({ bytes, yaml }: EncodedBody, strict: boolean): RawBody {
  const { value, repeatedKeys } = yaml?.() ?? parseYaml(textOf(bytes));
  return { value, owned: false, shared: false, textErrors: strict && repeatedKeys !== undefined ? [repeatedKeys] : [] };
}

interface Unrecognized {
  readonly bytes: Uint8Array;
  readonly cause?: unknown;
}

function unrecognized(wanted: GroupVersionKind, problem: string, { bytes, cause }: Unrecognized): StatusError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${wanted.kind}): ${problem} (${summaryOf(bytes)})`,
    cause,
  );
}

interface GivenKind {
  readonly kind: string;
  readonly apiVersion: string;
}

/** `kind` and `apiVersion` of the body, or the wanted ones where it has none. */
function givenKind(value: unknown, body: EncodedBody, wanted: GroupVersionKind): GivenKind {
  if (value !== null && (typeof value !== 'object' || Array.isArray(value) || value instanceof NumberLiteral)) {
    const shape = jsonKind(value);
    const target =
      'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
    throw unrecognized(
      wanted,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${shape} into Go value of type ${target}`,
      { bytes: body.bytes },
    );
  }
  const { kind, apiVersion } = (value ?? {}) as { readonly kind?: unknown; readonly apiVersion?: unknown };
  const named = (name: string, text: unknown): void => {
    if (text === undefined || text === null || typeof text === 'string') return;
    const shape = jsonKind(text);
    throw unrecognized(
      wanted,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${shape} into Go struct field ` +
        `.${name} of type string`,
      { bytes: body.bytes },
    );
  };
  named('apiVersion', apiVersion);
  named('kind', kind);
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    throw unrecognized(wanted, `unexpected GroupVersion string: ${apiVersion}`, { bytes: body.bytes });
  return { kind: filled(kind, wanted.kind), apiVersion: filled(apiVersion, apiVersionOf(wanted)) };
}

function filled(given: unknown, fallback: string): string {
  return typeof given === 'string' && given !== '' ? given : fallback;
}

/** Where upstream's server keeps its list of kinds; its messages name the place. */
const scheme = 'pkg/api/legacyscheme/scheme.go:30';

function checkKind(given: GivenKind, wanted: GroupVersionKind, { type, alsoVersions = [] }: DecodeRequest): void {
  // Options are registered in every group version, so that their apiVersion says nothing.
  if (
    given.kind === wanted.kind &&
    (given.apiVersion === apiVersionOf(wanted) || alsoVersions.includes(given.apiVersion) || type.startsWith('meta/'))
  )
    return;
  if (!isRegistered(given.apiVersion, given.kind)) {
    throw refusal(
      given,
      wanted,
      `no kind ${JSON.stringify(given.kind)} is registered for version ${JSON.stringify(given.apiVersion)} in ` +
        `scheme "${scheme}"`,
    );
  }
  if (given.kind === wanted.kind) {
    throw badRequest(
      `the API version in the data (${given.apiVersion}) does not match the expected API version ` +
        `(${apiVersionOf(wanted)})`,
    );
  }
  throw refusal(
    given,
    wanted,
    `converting (${versionOf(given)}.${given.kind}) to (${internalPackage(type)}.${wanted.kind}): unknown conversion`,
  );
}

function refusal(given: GivenKind, wanted: GroupVersionKind, problem: string): StatusError {
  return badRequest(
    `${given.kind} in version ${JSON.stringify(versionOf(given))} cannot be handled as a ${wanted.kind}: ${problem}`,
  );
}

function versionOf({ apiVersion }: GivenKind): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

function internalPackage(type: string): string {
  return type.slice(0, type.indexOf('/'));
}
