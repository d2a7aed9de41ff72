/** Validates the schema of one version of a CustomResourceDefinition. */

import type { Steps } from '../../../base/index.ts';
import type { JsonSchema } from '../../custom-schema/index.ts';
import { deepEqual, type FieldError, forbidden, invalid, verbatim } from '../../machinery/index.ts';
import { defaultErrors } from './default-validation.ts';
import { isReadable, openapiErrors } from './openapi-validation.ts';
import { structuralErrors } from './structural-validation.ts';

interface SchemaPlace {
  readonly path: string;
  /** The version has a status subresource: the root of its schema may have only some fields. */
  readonly status: boolean;
  /** The schema before an update. */
  readonly old: JsonSchema | undefined;
}

/** What may stand at the root beside a status, with the names that upstream's message prints. */
const rootFields: Readonly<Record<string, string>> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};

function rootErrors(schema: JsonSchema, { path, status }: SchemaPlace): FieldError[] {
  if (!status) return [];
  if (schema.type !== undefined && schema.type !== 'object') {
    return [
      invalid(
        `${path}.type`,
        schema.type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    ];
  }
  if (Object.keys(schema).every((field) => rootFields[field] !== undefined)) return [];
  const allowed = Object.values(rootFields).join(' ');
  return [
    invalid(
      path,
      verbatim('apiextensions.JSONSchemaProps{}'),
      `only [${allowed}] fields are allowed at the root of the schema if the status subresource is enabled`,
    ),
  ];
}

/**
 * Everything that is wrong with the schema of a version: that it is structural, its defaults, its fields, its rules.
 */
export function* schemaErrors(schema: JsonSchema | undefined, place: SchemaPlace): Steps<FieldError[]> {
  if (schema === undefined) return [];
  const { path } = place;
  // With unsupported fields anywhere in the schema, its structure is not reported on.
  const readable = isReadable(schema);
  yield;
  const structural = readable ? yield* structuralErrors(schema, path) : [];
  yield;
  const defaults = !readable || structural.length > 0 ? [] : defaultErrors(schema, path);
  yield;
  const sound = readable && structural.length + defaults.length === 0;
  // What was accepted before is not held against limits that came later.
  const costs = place.old === undefined || !deepEqual(schema, place.old);
  const openapi = yield* openapiErrors(schema, path, { rules: sound, costs });
  return [
    ...rootErrors(schema, place),
    ...(schema.nullable === true ? [forbidden(`${path}.nullable`, 'nullable cannot be true at the root')] : []),
    ...structural,
    ...defaults,
    ...openapi,
  ];
}
