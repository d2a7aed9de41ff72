import type { JsonObject } from '../object.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface DecodeRequest {
  readonly bytes: Uint8Array;
  /** As the header has it; parameters are allowed. JSON when empty. */
  readonly contentType: string;
  /** Schema type name of the wanted kind. */
  readonly type: string;
  readonly fieldValidation: FieldValidation;
}

export interface DecodedObject {
  readonly object: JsonObject;
  /** Texts for Warning headers; only with `Warn`. */
  readonly warnings: readonly string[];
}

/** Decodes a request body against the tables. Throws StatusError 400 (malformed, wrong types, strict errors) or 415 (content type). */
export function decodeObject(request: DecodeRequest): DecodedObject {
  throw new Error(`not yet: ${request.type}`);
}
