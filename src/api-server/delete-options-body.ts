/** DeleteOptions from the body of a request. */
import { decodeObject, badRequest } from '../api/index.ts';
import { type AskedDelete, askedDelete, type RequestBody } from '../resources/index.ts';
import { textOf } from './request.ts';

/**
 * DeleteOptions of a request body, in JSON, YAML or protobuf; of any version, as Kubernetes takes them. Malformed ones
 * are refused with 400, where Kubernetes answers 500.
 */
export function decodedDeleteOptions(body: RequestBody): AskedDelete {
  const mediaType = (body.contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (mediaType !== '' && mediaType !== 'application/json') return askedDelete(typed(body));
  const { kind, apiVersion, ...value } = jsonValue(body.bytes);
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions')
    throw badRequest(`no kind ${quoted(kind)} is registered for version ${quoted(apiVersion ?? '')}`);
  return askedDelete(typed({ bytes: Buffer.from(JSON.stringify(value)), contentType: '' }));
}

function typed({ bytes, contentType, yaml }: RequestBody): Record<string, unknown> {
  return decodeObject({ bytes, contentType, yaml, type: 'meta/v1.DeleteOptions', fieldValidation: 'Ignore' }).object;
}

function jsonValue(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(textOf(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The refusal below is the same for all malformed bodies.
  }
  throw badRequest("couldn't get version/kind; json parse error: unexpected end of JSON input");
}

function quoted(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value : '');
}
