import { decodeObject, badRequest } from '../api/index.ts';
import type { RequestBody } from '../resources/index.ts';
import { textOf } from './request.ts';

/** metav1.DeleteOptions as far as they are used. */
export interface AskedDelete {
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly dryRun: readonly string[];
}

/** DeleteOptions of a request body, in JSON, YAML or protobuf. What is malformed is refused with upstream's texts, as a 400: upstream answers 500 here. */
export function decodedDeleteOptions(body: RequestBody): AskedDelete {
  const json = !/yaml|protobuf/.test(body.contentType);
  const value = json ? jsonValue(body.bytes) : decodedValue(body);
  const { kind, apiVersion } = value;
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') throw badRequest(`no kind ${quoted(kind)} is registered for version ${quoted(apiVersion ?? '')}`);
  return asked(value);
}

function decodedValue(body: RequestBody): Record<string, unknown> {
  return decodeObject({ bytes: body.bytes, contentType: body.contentType, type: 'meta/v1.DeleteOptions', fieldValidation: 'Ignore' }).object;
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

function asked(value: Record<string, unknown>): AskedDelete {
  const preconditions = isRecord(value['preconditions']) ? value['preconditions'] : {};
  const dryRun = Array.isArray(value['dryRun']) ? value['dryRun'].filter((item) => typeof item === 'string') : [];
  return {
    ...textField(value, 'propagationPolicy'),
    ...(typeof value['orphanDependents'] === 'boolean' ? { orphanDependents: value['orphanDependents'] } : {}),
    ...graceOf(value['gracePeriodSeconds']),
    ...textField(preconditions, 'uid'),
    ...textField(preconditions, 'resourceVersion'),
    dryRun,
  };
}

function graceOf(value: unknown): { readonly gracePeriodSeconds?: number } {
  if (typeof value === 'number') return { gracePeriodSeconds: value };
  return typeof value === 'string' && /^-?\d+$/.test(value) ? { gracePeriodSeconds: Number(value) } : {};
}

function textField<Name extends string>(value: Record<string, unknown>, name: Name): Partial<Record<Name, string>> {
  const field = value[name];
  return typeof field === 'string' ? { [name]: field } as Record<Name, string> : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
