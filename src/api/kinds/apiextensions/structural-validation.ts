/** Checks that the schema of a CustomResourceDefinition is structural. */

import type { Steps } from '../../../base/index.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from '../../custom-schema/index.ts';
import {
  compilePattern,
  deepEqual,
  type FieldError,
  fieldErrorText,
  forbidden,
  invalid,
  required,
} from '../../machinery/index.ts';

type Level = 'root' | 'item' | 'field';

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
const intOrString = [{ type: 'integer' }, { type: 'string' }];

/** Why a schema is not structural: shape and value checks must be separate. Sorted by text, as upstream does. */
export function* structuralErrors(schema: JsonSchema, path: string): Steps<FieldError[]> {
  const text = (error: FieldError): string => `${error.field}: ${fieldErrorText(error)}`;
  const invariant = invariantErrors(schema, 'root', path);
  yield;
  return [...invariant, ...completenessErrors(schema, path)].sort((left, right) => (text(left) < text(right) ? -1 : 1));
}

function children(
  schema: JsonSchema,
  path: string,
): readonly { readonly schema: JsonSchema; readonly level: Level; readonly path: string }[] {
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  return [
    ...(items === undefined ? [] : [{ schema: items, level: 'item' as const, path: `${path}.items` }]),
    ...Object.entries(schema.properties ?? {}).map(([name, property]) => ({
      schema: property,
      level: 'field' as const,
      path: `${path}.properties[${name}]`,
    })),
    ...(values === undefined
      ? []
      : [{ schema: values, level: 'field' as const, path: `${path}.additionalProperties` }]),
  ];
}

function invariantErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  return [
    ...(schema.type === 'array' && schema.items === undefined ? [required(`${path}.items`, 'must be specified')] : []),
    ...children(schema, path).flatMap((child) => invariantErrors(child.schema, child.level, child.path)),
    ...(level === 'root' && schema.additionalProperties !== undefined
      ? [forbidden(`${path}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...extensionErrors(schema, path),
    ...junctorErrors(schema, path),
    ...typeErrors(schema, level, path),
    ...metadataErrors(schema, level, path),
  ];
}

function extensionErrors(schema: JsonSchema, path: string): FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((field) => schema[field as keyof JsonSchema] === true)
    .map((field) => invalid(`${path}.${field}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const { type = '', properties = {} } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const errors: FieldError[] = [];
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${path}.type`, detail) : invalid(`${path}.type`, type, detail));
  } else if (type === '' && schema['x-kubernetes-int-or-string'] !== true && !preserves)
    errors.push(required(`${path}.type`, missingType[level]));
  if (embedded && schema.additionalProperties !== undefined)
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  if (embedded && !preserves && Object.keys(properties).length === 0) {
    errors.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
  }
  return errors;
}

/** What every object has, a schema may hardly narrow. */
function metadataErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  if (level !== 'root' && schema['x-kubernetes-embedded-resource'] !== true) return [];
  const wanted = { kind: 'string', apiVersion: 'string', metadata: 'object' };
  const errors = Object.entries(wanted).flatMap(([name, type]) => {
    const property = propertyOf(schema, name);
    return property === undefined || property.type === type
      ? []
      : [invalid(`${path}.properties[${name}].type`, property.type ?? '', `must be ${type}`)];
  });
  const metadata = level === 'root' ? propertyOf(schema, 'metadata') : undefined;
  if (metadata === undefined) return errors;
  const { type: _type, default: _default, properties = {}, ...rest } = metadata;
  const plain =
    Object.keys(rest).length === 0 &&
    Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  return plain
    ? errors
    : [
        ...errors,
        forbidden(
          `${path}.properties[metadata]`,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      ];
}

/** anyOf, allOf, oneOf and not may check values, but not say what shape they have. */
function junctorErrors(schema: JsonSchema, path: string): FieldError[] {
  const pair = (list: readonly JsonSchema[] | undefined): boolean => deepEqual(list, intOrString);
  const nested = (
    list: readonly JsonSchema[] | undefined,
    name: string,
    pass: (index: number) => boolean = () => false,
  ): FieldError[] => (list ?? []).flatMap((one, index) => nestedErrors(one, `${path}.${name}[${index}]`, pass(index)));
  const { pattern } = schema;
  const expression = pattern === undefined || pattern === '' ? undefined : compilePattern(pattern);
  return [
    ...(pair(schema.anyOf) ? [] : nested(schema.anyOf, 'anyOf')),
    ...nested(schema.allOf, 'allOf', (index) => index === 0 && pair(schema.allOf?.[0]?.anyOf)),
    ...nested(schema.oneOf, 'oneOf'),
    ...(schema.not === undefined ? [] : nestedErrors(schema.not, `${path}.not`, false)),
    ...(typeof expression === 'string'
      ? [invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${expression}`)]
      : []),
  ];
}

const forbiddenInside: readonly (readonly [field: keyof JsonSchema, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nestedErrors(schema: JsonSchema, path: string, passAnyOf: boolean): FieldError[] {
  const { anyOf, ...others } = schema;
  const items = itemsOf(schema);
  return [
    ...junctorErrors(passAnyOf || anyOf === undefined ? others : schema, path),
    ...(items === undefined ? [] : nestedErrors(items, `${path}.items`, false)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      nestedErrors(property, `${path}.properties[${name}]`, false),
    ),
    ...forbiddenInside
      .filter(([field]) => schema[field] !== undefined && schema[field] !== false && schema[field] !== '')
      .map(([field, detail]) => forbidden(`${path}.${field}`, detail)),
    ...(propertyOf(schema, 'metadata') === undefined
      ? []
      : [forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context')]),
  ];
}

/** Every field that a value check speaks of must be a field of the shape. */
function completenessErrors(schema: JsonSchema, path: string): FieldError[] {
  return [
    ...insideErrors(schema, schema, { shape: path, check: path }),
    ...children(schema, path).flatMap((child) => completenessErrors(child.schema, child.path)),
  ];
}

interface Paths {
  readonly shape: string;
  readonly check: string;
}

function insideErrors(check: JsonSchema, shape: JsonSchema, paths: Paths): FieldError[] {
  const all = [
    ...(check.not === undefined ? [] : [[check.not, 'not'] as const]),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
      (check[name] ?? []).map((one, index) => [one, `${name}[${index}]`] as const),
    ),
  ];
  return all.flatMap(([one, name]) => missingErrors(one, shape, { ...paths, check: `${paths.check}.${name}` }));
}

function missingErrors(check: JsonSchema, shape: JsonSchema | undefined, paths: Paths): FieldError[] {
  if (shape === undefined) return [required(paths.shape, `because it is defined in ${paths.check}`)];
  const below = (name: string): Paths => ({ shape: `${paths.shape}.${name}`, check: `${paths.check}.${name}` });
  const items = itemsOf(check);
  return [
    ...insideErrors(check, shape, paths),
    ...(items === undefined ? [] : missingErrors(items, itemsOf(shape), below('items'))),
    ...Object.entries(check.properties ?? {}).flatMap(([name, property]) =>
      missingErrors(property, propertyOf(shape, name), below(`properties[${name}]`)),
    ),
  ];
}
