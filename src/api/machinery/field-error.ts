/** Errors about fields of an object, in the words of Kubernetes (field.Error). */
import { cutText, limits } from '../../base/index.ts';
import { type StatusCause, StatusError } from './status.ts';

/**
 * The kinds of a field error, named by the words that begin its text. `Type invalid` is written as `Invalid value` too.
 */
type FieldErrorType =
  | 'Required value'
  | 'Invalid value'
  | 'Duplicate value'
  | 'Unsupported value'
  | 'Forbidden'
  | 'Too long'
  | 'Too many'
  | 'Not found'
  | 'Internal error'
  | 'Type invalid';

/** One thing that is wrong with one field of an object. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Path of the field, such as `spec.containers[0].name`; map keys stand in brackets without quotes. */
  readonly field: string;
  /** The refused value; its text depends on its JavaScript type (see `valueText`). */
  readonly value?: unknown;
  readonly detail: string;
}

/**
 * A value whose text in messages is given word for word, for what upstream prints in its own notation
 * (`map[string]string(nil)`).
 */
export interface VerbatimValue {
  readonly verbatim: string;
}

export function verbatim(text: string): VerbatimValue {
  return { verbatim: text };
}

/** Stands for a refused value that messages leave out. */
export const omitValue: unique symbol = Symbol('omitted value');

const causeReasons: Readonly<Record<FieldErrorType, string>> = {
  'Required value': 'FieldValueRequired',
  'Invalid value': 'FieldValueInvalid',
  'Duplicate value': 'FieldValueDuplicate',
  'Unsupported value': 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  'Too long': 'FieldValueTooLong',
  'Too many': 'FieldValueTooMany',
  'Not found': 'FieldValueNotFound',
  'Internal error': 'InternalError',
  'Type invalid': 'FieldValueTypeInvalid',
};
const withoutValue: ReadonlySet<FieldErrorType> = new Set([
  'Required value',
  'Forbidden',
  'Too long',
  'Internal error',
]);

export function required(field: string, detail = ''): FieldError {
  return { type: 'Required value', field, detail };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'Invalid value', field, value, detail };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'Type invalid', field, value, detail };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'Duplicate value', field, value, detail: '' };
}

/** `supported` is printed in the given order, which is upstream's: usually sorted. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`;
  return { type: 'Unsupported value', field, value, detail };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: 'Forbidden', field, detail };
}

/** `maxBytes` below zero: the text names no bound. */
export function tooLong(field: string, value: unknown, maxBytes: number): FieldError {
  return {
    type: 'Too long',
    field,
    value,
    detail: maxBytes < 0 ? 'value is too long' : `may not be more than ${maxBytes} bytes`,
  };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const items = max === 1 ? 'item' : 'items';
  return {
    type: 'Too many',
    field,
    value: actual,
    detail: max < 0 ? 'has too many items' : `must have at most ${max} ${items}`,
  };
}

/** A reference inside the object that leads nowhere (the Status for a missing object is `notFound`). */
export function fieldNotFound(field: string, value: unknown): FieldError {
  return { type: 'Not found', field, value, detail: '' };
}

export function internalFieldError(field: string, detail: string): FieldError {
  return { type: 'Internal error', field, detail };
}

/** Quotes as Go's %q does: JSON's rules, with \x for control characters. */
export function goQuote(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([01][0-9a-f])/g, '\\x$1')
    .replace(/\\b/g, '\\b')
    .replaceAll('\u007f', '\\x7f');
}

/**
 * A refused value as messages show it: strings quoted, scalars plain, structures as JSON (upstream prints its own
 * notation).
 */
function valueText(value: unknown): string {
  if (typeof value === 'string') return goQuote(shortened(value));
  // Upstream prints the word as if it were text.
  if (value === null || value === undefined) return '"null"';
  if (typeof value !== 'object') return String(value);
  if ('verbatim' in value && typeof value.verbatim === 'string') return shortened(value.verbatim);
  return shortened(JSON.stringify(value));
}

/**
 * A long value is shown by its beginning: whole, it would be in the message, in a cause and in both with quotes escaped
 * once more.
 */
function shortened(text: string): string {
  const { refusedValueCharactersMax: max } = limits;
  return text.length <= max ? text : `${cutText(text, max)}... (${text.length} characters)`;
}

/** The text of an error without its field, such as `Invalid value: "x": must be lower case`. */
export function fieldErrorText(error: FieldError): string {
  const name = error.type === 'Type invalid' ? 'Invalid value' : error.type;
  const head = withoutValue.has(error.type) || error.value === omitValue ? name : `${name}: ${valueText(error.value)}`;
  return error.detail === '' ? head : `${head}: ${error.detail}`;
}

/** The causes of a Status, one an error, in order. */
export function fieldErrorCauses(errors: readonly FieldError[]): StatusCause[] {
  return errors.map((error) => ({
    reason: causeReasons[error.type],
    message: fieldErrorText(error),
    field: error.field,
  }));
}

/** Texts of several errors as one: a single one plain, more in brackets, repeated ones once. */
export function aggregateText(texts: readonly string[]): string {
  const unique = [...new Set(texts)];
  return unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]`;
}

/** The 422 that reports field errors, the first of very many. `name` may be '' (an object that has none yet). */
export function invalidError(about: {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly errors: readonly FieldError[];
}): StatusError {
  const qualifiedKind = about.group === '' ? about.kind : `${about.kind}.${about.group}`;
  const causes = fieldErrorCauses(about.errors.slice(0, limits.refusedFieldsShownMax));
  const texts = causes.map(({ field = '', message }) => `${field}: ${message}`);
  if (about.errors.length > causes.length) texts.push(`and ${about.errors.length - causes.length} more errors`);
  const head = `${qualifiedKind} ${goQuote(about.name)} is invalid`;
  return new StatusError('Invalid', texts.length === 0 ? head : `${head}: ${aggregateText(texts)}`, {
    details: {
      ...(about.name === '' ? {} : { name: about.name }),
      ...(about.group === '' ? {} : { group: about.group }),
      ...(about.kind === '' ? {} : { kind: about.kind }),
      causes,
    },
  });
}

/** Path of a field below another one; a root path is ''. */
export function childPath(path: string, ...names: readonly string[]): string {
  return path === '' ? names.join('.') : [path, ...names].join('.');
}

/** Path of a list's item. */
export function indexPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** Path of a map's entry: the key stands in brackets, without quotes. */
export function keyPath(path: string, key: string): string {
  return `${path}[${key}]`;
}
