/** Checks objects that are embedded in a custom object (x-kubernetes-embedded-resource). */

import { isObject } from '../../base/index.ts';
import {
  dns1035Label,
  type FieldError,
  invalid,
  nameIsPathSegment,
  required,
  validateObjectMeta,
} from '../machinery/index.ts';
import type { ObjectMeta } from '../objects/generated/meta-v1.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';

/** Embedded objects must say what they are, and have metadata of an object. */
export function embeddedErrors(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (schema === undefined) return [];
  if (Array.isArray(value))
    return (value as unknown[]).flatMap((item, index) => embeddedErrors(item, itemsOf(schema), `${path}[${index}]`));
  if (!isObject(value)) return [];
  const own = path !== '' && schema['x-kubernetes-embedded-resource'] === true ? ownErrors(value, path) : [];
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, member]) => {
      const property = propertyOf(schema, name);
      return embeddedErrors(
        member,
        property ?? valuesOf(schema),
        property === undefined ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`,
      );
    }),
  ];
}

function ownErrors({ apiVersion, kind, metadata }: Readonly<Record<string, unknown>>, path: string): FieldError[] {
  const meta = isObject(metadata) ? (metadata as ObjectMeta) : undefined;
  return [
    ...textErrors(apiVersion, `${path}.apiVersion`, (text) =>
      text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined,
    ),
    ...textErrors(kind, `${path}.kind`, (text) => {
      const messages = dns1035Label(text.toLowerCase());
      return messages.length > 0 ? `may have mixed case, but should otherwise match: ${messages.join(',')}` : undefined;
    }),
    ...(meta === undefined ? [] : metadataErrors(meta, `${path}.metadata`)),
  ];
}

/** A name is not needed within another object. */
function metadataErrors(meta: ObjectMeta, path: string): FieldError[] {
  const { name = '', namespace = '' } = meta;
  return validateObjectMeta(
    { ...meta, name: name === '' ? 'fakename' : name },
    { namespaced: namespace !== '', nameCheck: nameIsPathSegment, path },
  );
}

function textErrors(value: unknown, at: string, problemOf: (text: string) => string | undefined): FieldError[] {
  if (value === undefined) return [required(at, 'must not be empty')];
  if (typeof value !== 'string') return [invalid(at, value, 'must be a string')];
  const problem = value === '' ? 'must not be empty' : problemOf(value);
  return problem === undefined ? [] : [invalid(at, value, problem)];
}
