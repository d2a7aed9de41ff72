/** DeleteOptions from the body of a request. */
import { isObject } from '../base/index.ts';
import { badRequest, decodeObject, JsonSyntaxError, mediaTypeOf, parseJson } from '../api/index.ts';
import { type AskedDelete, askedDelete, type RequestBody } from '../resources/index.ts';
import { textOf } from './request.ts';

/**
 * DeleteOptions of a request body, in JSON, YAML or protobuf; of any version, as Kubernetes takes them. Malformed ones
 * are refused with 400, where Kubernetes answers 500.
 */
export function decodedDeleteOptions(body: RequestBody): AskedDelete {
  const mediaType = mediaTypeOf(body.contentType);
  if (mediaType !== '' && mediaType !== 'application/json') return askedDelete(typed(body));
  const { kind, apiVersion, ...value } = jsonValue(body.bytes);
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions')
    throw badRequest(`no kind ${quoted(kind)} is registered for version ${quoted(apiVersion ?? '')}`);
  return askedDelete(typed({ value, bytes: body.bytes, contentType: '' }));
}

function typed(body: RequestBody): Record<string, unknown> {
  return decodeObject({ body, type: 'meta/v1.DeleteOptions', fieldValidation: 'Ignore' }).object;
}

function jsonValue(bytes: Uint8Array): Record<string, unknown> {
  let cause: unknown;
  try {
    const { value } = parseJson(textOf(bytes), false);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // The refusal below is the same for all malformed bodies.
    cause = error;
  }
  throw badRequest("couldn't get version/kind; json parse error: unexpected end of JSON input", cause);
}

function quoted(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value : '');
}
