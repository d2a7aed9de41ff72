/** Small objects and texts that tests of several kinds share. */

import type { JsonObject } from '../object.ts';

export const object = (apiVersion: string, kind: string, fields: JsonObject = {}): JsonObject => ({
  apiVersion,
  kind,
  ...fields,
});

export const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
  "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/** What is wrong, the object, and the errors of its creation. */
export type Refusal = readonly [what: string, body: JsonObject, errors: readonly string[]];

/** What is changed, the object, its new fields, and the errors of the update. */
export type Change = readonly [what: string, body: JsonObject, fields: JsonObject, errors: readonly string[]];
