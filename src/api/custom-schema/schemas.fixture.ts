/** Schemas of custom resources for tests, and how errors are compared. */

import type { JsonSchema } from './index.ts';
import { type FieldError, fieldErrorText } from '../machinery/index.ts';

export const texts = (errors: readonly FieldError[]): string[] =>
  errors.map((error) => `${error.field}: ${fieldErrorText(error)}`);

export const specOf = (
  properties: Readonly<Record<string, JsonSchema>>,
  more: Partial<JsonSchema> = {},
): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
});

export const untyped: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };
