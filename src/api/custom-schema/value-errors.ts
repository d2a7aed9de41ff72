/** Texts about values of the wrong type, as kube-openapi writes them. */

import {
  type FieldError,
  goNumber,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../machinery/index.ts';

/** The JSON type of a value, as messages name it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** `pathOf` in messages; a field's own path has no leading dot. */
const inBody = (path: string, text: string): string => `${path} in body ${text}`;

/** Errors of values, with the texts of the OpenAPI validator. */
export const valueErrors = {
  type: (path: string, wanted: string, value: unknown): FieldError =>
    typeInvalid(path, typeName(value), inBody(path, `must be of type ${wanted}: ${JSON.stringify(typeName(value))}`)),
  format: (path: string, format: string, value: string): FieldError =>
    typeInvalid(path, value, inBody(path, `must be of type ${format}: ${JSON.stringify(value)}`)),
  required: (path: string): FieldError => required(path),
  enumeration: (path: string, value: unknown, allowed: readonly unknown[]): FieldError =>
    notSupported(
      path,
      value,
      allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
    ),
  tooLong: (path: string, value: string, max: number): FieldError => tooLong(path, value, max),
  tooShort: (path: string, value: string, min: number): FieldError =>
    invalid(path, value, inBody(path, `should be at least ${min} chars long`)),
  pattern: (path: string, value: string, pattern: string): FieldError =>
    invalid(path, value, inBody(path, `should match '${pattern}'`)),
  multipleOf: (path: string, value: number, factor: number): FieldError =>
    invalid(path, value, inBody(path, `should be a multiple of ${goNumber(factor)}`)),
  maximum: (path: string, value: number, bound: { readonly max: number; readonly exclusive: boolean }): FieldError =>
    invalid(
      path,
      value,
      inBody(path, `should be less than ${bound.exclusive ? '' : 'or equal to '}${goNumber(bound.max)}`),
    ),
  minimum: (path: string, value: number, bound: { readonly min: number; readonly exclusive: boolean }): FieldError =>
    invalid(
      path,
      value,
      inBody(path, `should be greater than ${bound.exclusive ? '' : 'or equal to '}${goNumber(bound.min)}`),
    ),
  tooManyItems: (path: string, count: number, max: number): FieldError => tooMany(path, count, max),
  tooFewItems: (path: string, count: number, min: number): FieldError =>
    invalid(path, count, inBody(path, `should have at least ${min} items`)),
  tooFewProperties: (path: string, count: number, min: number): FieldError =>
    invalid(path, count, inBody(path, `should have at least ${min} properties`)),
  unique: (path: string): FieldError => invalid(path, '', inBody(path, "shouldn't contain duplicates")),
  /** Errors of combined schemas have the path in their text only. */
  combined: (text: string): FieldError => invalid('<nil>', '', text),
};
