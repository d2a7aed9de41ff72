/** Validates a custom object against the schema of its version. */

import { isObject } from '../../base/index.ts';
import { compilePattern, deepEqual, type FieldError } from '../machinery/index.ts';
import { isUnchanged, itemBefore, memberBefore } from './correlation.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './definition.ts';
import { hasFormat, isCheckedFormat } from './formats.ts';
import { noOld } from './old-values.ts';
import { typeName, valueErrors } from './value-errors.ts';

/** A value at a place, and what was there before. */
interface Checked {
  readonly value: unknown;
  readonly path: string;
  /** The value before an update; what has not changed is not refused again. */
  readonly old: unknown;
}

interface Outcome {
  readonly errors: FieldError[];
  /** How much of the value matched: the best of several schemas gives the errors. */
  readonly matches: number;
}

/** What is wrong with a value by its schema, with the texts of the OpenAPI validator. */
export function schemaErrors(schema: JsonSchema, checked: Checked): readonly FieldError[] {
  return validate(schema, checked).errors;
}

const childPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function validate(schema: JsonSchema, checked: Checked): Outcome {
  const { value, old } = checked;
  if (isUnchanged(schema, value, old)) return { errors: [], matches: 1 };
  const errors = [...typeErrors(schema, checked), ...enumErrors(schema, checked)];
  let matches = errors.length === 0 ? 1 : 0;
  if (value === null || value === undefined) return { errors, matches };
  errors.push(...combinationErrors(schema, checked));
  if (typeof value === 'string') errors.push(...textErrors(schema, value, checked.path));
  else if (typeof value === 'number') errors.push(...numberErrors(schema, value, checked.path));
  else if (Array.isArray(value)) errors.push(...listErrors(schema, value, checked));
  else if (isObject(value)) {
    const below = recordErrors(schema, value, checked);
    errors.push(...below.errors);
    matches += below.matches;
  }
  return { errors, matches };
}

function typeErrors(schema: JsonSchema, { value, path }: Checked): readonly FieldError[] {
  const wanted =
    schema['x-kubernetes-int-or-string'] === true
      ? ['integer', 'string']
      : schema.type === undefined
        ? []
        : [schema.type];
  if (wanted.length === 0 || (value === null && schema.nullable === true)) return [];
  const type = typeName(value);
  if (schema.type === 'string' && schema.format !== undefined && isCheckedFormat(schema.format))
    return formatTypeErrors(schema.format, value, path);
  if (wanted.includes(type) || (type === 'integer' && wanted.includes('number'))) return [];
  return [valueErrors.type(path, wanted.join(','), value)];
}

/** Of a text with a format upstream misses the format, and does not mind a list. */
function formatTypeErrors(format: string, value: unknown, path: string): readonly FieldError[] {
  if (value === null || value === undefined) return [valueErrors.type(path, 'string', value)];
  if (typeof value === 'string' || Array.isArray(value)) return [];
  return [
    valueErrors.format(path, format, typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : ''),
  ];
}

function enumErrors(schema: JsonSchema, { value, path }: Checked): readonly FieldError[] {
  if (schema.enum === undefined || schema.enum.length === 0 || schema.enum.some((one) => deepEqual(one, value)))
    return [];
  return [valueErrors.enumeration(path, value, schema.enum)];
}

/** At most one error: of length or of pattern, and of the format. */
function textErrors(schema: JsonSchema, value: string, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const length = schema.maxLength !== undefined || schema.minLength !== undefined ? [...value].length : 0;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    errors.push(valueErrors.tooLong(path, value, schema.maxLength));
  else if (schema.minLength !== undefined && length < schema.minLength)
    errors.push(valueErrors.tooShort(path, value, schema.minLength));
  else if (schema.pattern !== undefined && schema.pattern !== '' && !matchesPattern(value, schema.pattern))
    errors.push(valueErrors.pattern(path, value, schema.pattern));
  if (schema.format !== undefined && !hasFormat(value, schema.format))
    errors.push(valueErrors.format(path, schema.format, value));
  return errors;
}

function numberErrors(schema: JsonSchema, value: number, path: string): readonly FieldError[] {
  const { multipleOf, maximum, minimum, exclusiveMaximum = false, exclusiveMinimum = false } = schema;
  const errors: FieldError[] = [];
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(Number((value / multipleOf).toPrecision(15))))
    errors.push(valueErrors.multipleOf(path, value, multipleOf));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    errors.push(valueErrors.maximum(path, value, { max: maximum, exclusive: exclusiveMaximum }));
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    errors.push(valueErrors.minimum(path, value, { min: minimum, exclusive: exclusiveMinimum }));
  return errors;
}

function listErrors(schema: JsonSchema, items: readonly unknown[], { path, old }: Checked): readonly FieldError[] {
  const element = itemsOf(schema);
  const errors: FieldError[] = [];
  if (element !== undefined) {
    items.forEach((value, index) => {
      errors.push(
        ...validate(element, { value, path: `${path}[${index}]`, old: itemBefore(schema, { item: value, index }, old) })
          .errors,
      );
    });
  }
  if (schema.minItems !== undefined && items.length < schema.minItems)
    errors.push(valueErrors.tooFewItems(path, items.length, schema.minItems));
  if (schema.maxItems !== undefined && items.length > schema.maxItems)
    errors.push(valueErrors.tooManyItems(path, items.length, schema.maxItems));
  return errors;
}

function recordErrors(schema: JsonSchema, object: Record<string, unknown>, { path, old }: Checked): Outcome {
  const names = Object.keys(object).filter((name) => object[name] !== undefined);
  const errors: FieldError[] = [];
  let matches = 0;
  if (schema.minProperties !== undefined && names.length < schema.minProperties)
    errors.push(valueErrors.tooFewProperties(path, names.length, schema.minProperties));
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties)
    errors.push(valueErrors.tooManyItems(path, names.length, schema.maxProperties));
  for (const name of schema.required ?? [])
    if (!names.includes(name)) errors.push(valueErrors.required(childPath(path, name)));
  for (const name of names) {
    const field = propertyOf(schema, name) ?? valuesOf(schema);
    if (field === undefined) continue;
    const outcome = validate(field, { value: object[name], path: childPath(path, name), old: memberBefore(old, name) });
    errors.push(...outcome.errors);
    matches += outcome.matches;
  }
  return { errors, matches };
}

/** Combined schemas refuse what they refuse, changed or not. */
function combinationErrors(schema: JsonSchema, { value, path }: Checked): readonly FieldError[] {
  const checked: Checked = { value, path, old: noOld };
  const quoted = JSON.stringify(path);
  const outcomesOf = (schemas: readonly JsonSchema[] | undefined): readonly Outcome[] =>
    (schemas ?? []).map((one) => validate(one, checked));
  const isGood = ({ errors }: Outcome): boolean => errors.length === 0;
  const errors: FieldError[] = [];
  const any = outcomesOf(schema.anyOf);
  if (any.length > 0 && !any.some(isGood))
    errors.push(valueErrors.combined(`${quoted} must validate at least one schema (anyOf)`), ...best(any));
  const one = outcomesOf(schema.oneOf);
  const valid = one.filter(isGood).length;
  if (one.length > 0 && valid !== 1) {
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    errors.push(
      valueErrors.combined(`${quoted} must validate one and only one schema (oneOf). ${found}`),
      ...(valid === 0 ? best(one) : []),
    );
  }
  const all = outcomesOf(schema.allOf);
  if (!all.every(isGood))
    errors.push(
      ...all.flatMap((outcome) => outcome.errors),
      valueErrors.combined(
        `${quoted} must validate all the schemas (allOf)${all.some(isGood) ? '' : '. None validated'}`,
      ),
    );
  if (schema.not !== undefined && isGood(validate(schema.not, checked)))
    errors.push(valueErrors.combined(`${quoted} must not validate the schema (not)`));
  return errors;
}

/** The errors of the schema that was probably meant: the one of which most was recognised. */
function best(outcomes: readonly Outcome[]): readonly FieldError[] {
  let found = outcomes[0];
  for (const outcome of outcomes) if (found === undefined || outcome.matches > found.matches) found = outcome;
  return found?.errors ?? [];
}

/** A pattern that is none was refused with the definition, and refuses nothing. */
function matchesPattern(value: string, pattern: string): boolean {
  const expression = compilePattern(pattern);
  return typeof expression === 'string' || expression.test(value);
}
