/** Validates the schema of a CustomResourceDefinition as an OpenAPI v3 schema. */

import { Pace, type Steps } from '../../../base/index.ts';
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from '../../custom-schema/index.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/index.ts';
import { CostRecord } from './rule-costs.ts';
import { ruleErrors } from './rule-validation.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const objectFields = ['metadata', 'kind', 'apiVersion'];

interface OpenapiOptions {
  /** Rules are compiled: the schema is sound enough to give them types. */
  readonly rules: boolean;
  /** Rules are held against the limits of what they may cost. */
  readonly costs: boolean;
}

/** Where the walk is. */
interface Place {
  readonly path: string;
  readonly root: boolean;
  /** Within the metadata of an object. */
  readonly meta: boolean;
  /** Why a default may not stand here. */
  readonly noDefaults?: string | undefined;
  /** The outermost place below which values cannot be correlated with old ones. */
  readonly uncorrelated?: string | undefined;
  /** How often a value of this place may stand in an object at most; undefined: without bound. */
  readonly cardinality: number | undefined;
  readonly options: OpenapiOptions;
}

/** What is wrong with the fields of a schema, all the way down, and with its rules. */
export function* openapiErrors(schema: JsonSchema, path: string, options: OpenapiOptions): Steps<FieldError[]> {
  const costs = options.costs ? new CostRecord() : undefined;
  const found: Found = { schema: [], rules: [], costs, pace: new Pace(schemasMax) };
  yield* walk(schema, { path, root: true, meta: false, cardinality: 1, options }, found);
  return [...found.schema, ...found.rules, ...(found.costs?.errors(path) ?? [])];
}

interface Found {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
  readonly costs: CostRecord | undefined;
  readonly pace: Pace;
}

/** Schemas of one step, and what the expressions at one place are beside them, at least. */
const schemasMax = 2_000;
const placeWeight = 500;
const ruleWeight = 100;

function* walk(schema: JsonSchema, place: Place, found: Found): Steps<undefined> {
  if (found.pace.isDue(1)) yield;
  const before = found.schema.length;
  found.schema.push(
    ...unsupportedErrors(schema, place),
    ...mapTypeErrors(schema, place.path),
    ...listTypeErrors(schema, place.path),
  );
  for (const [child, at] of children(schema, place)) yield* walk(child, at, found);
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return undefined;
  if (found.pace.isDue(placeWeight + ruleWeight * rules.length)) yield;
  const { plain, compiled } = yield* ruleErrors(schema, {
    ...place,
    costs: found.costs,
    rules: place.options.rules && found.schema.length === before,
  });
  found.schema.push(...plain);
  found.rules.push(...compiled);
  return undefined;
}

type Child = readonly [JsonSchema, Place];

/** The schemas that stand in a schema, in the order in which they are told of. */
function children(schema: JsonSchema, place: Place): readonly Child[] {
  return [
    ...valuesWithin(schema, place),
    ...propertiesWithin(schema, place),
    ...junctorsWithin(schema, place),
    ...itemsWithin(schema, place),
  ];
}

const below = (place: Place, step: string): Place => ({ ...place, root: false, path: `${place.path}.${step}` });
const times = ({ cardinality }: Place, max: number | undefined): number | undefined =>
  max === undefined || cardinality === undefined ? undefined : cardinality * max;

function valuesWithin(schema: JsonSchema, place: Place): readonly Child[] {
  const values = valuesOf(schema);
  if (values === undefined) return [];
  const at: Place = {
    ...below(place, 'additionalProperties'),
    cardinality: times(place, schema.maxProperties),
    noDefaults: place.meta ? 'inside additionalProperties applying to object metadata' : place.noDefaults,
  };
  return [[values, at]];
}

function propertiesWithin(schema: JsonSchema, place: Place): readonly Child[] {
  const { root, path } = place;
  const isObject = root || schema['x-kubernetes-embedded-resource'] === true;
  // Members of a map can be correlated whatever its type is, unless upstream does not know the type.
  const isCorrelated = ['granular', 'atomic'].includes(schema['x-kubernetes-map-type'] ?? 'granular');
  const uncorrelated = isCorrelated ? place.uncorrelated : (place.uncorrelated ?? path);
  return Object.entries(schema.properties ?? {}).map(([name, property]): Child => {
    const isMeta = isObject && objectFields.includes(name);
    const at: Place = {
      ...below(place, `properties[${name}]`),
      uncorrelated,
      meta: place.meta || isMeta,
      noDefaults: isMeta && root ? `in top-level ${name}` : place.noDefaults,
    };
    return [property, at];
  });
}

/** Rules are not compiled there. */
function junctorsWithin(schema: JsonSchema, place: Place): readonly Child[] {
  const within = (one: JsonSchema, step: string): Child => [
    one,
    { ...below(place, step), options: { ...place.options, rules: false } },
  ];
  return [
    ...(schema.not === undefined ? [] : [within(schema.not, 'not')]),
    ...(['allOf', 'oneOf', 'anyOf'] as const).flatMap((name) =>
      (schema[name] ?? []).map((one, index) => within(one, `${name}[${index}]`)),
    ),
  ];
}

function itemsWithin(schema: JsonSchema, place: Place): readonly Child[] {
  const items = itemsOf(schema);
  if (items === undefined) return [];
  const isCorrelated = schema['x-kubernetes-list-type'] === 'map';
  const at: Place = {
    ...below(place, 'items'),
    cardinality: times(place, schema.maxItems),
    uncorrelated: isCorrelated ? place.uncorrelated : (place.uncorrelated ?? place.path),
  };
  return [[items, at]];
}

const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

/** Whether a schema has nothing that structural schemas do not know at all. */
export function isReadable(schema: JsonSchema): boolean {
  if (
    unsupported.some((field) => schema[field] !== undefined) ||
    schema.type === 'null' ||
    Array.isArray(schema.items) ||
    schema['x-kubernetes-preserve-unknown-fields'] === false
  )
    return false;
  const below = [
    ...Object.values(schema.properties ?? {}),
    valuesOf(schema),
    itemsOf(schema),
    schema.not,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ];
  return below.every((one) => one === undefined || isReadable(one));
}

function unsupportedErrors(schema: JsonSchema, { path, meta, noDefaults }: Place): FieldError[] {
  const { type } = schema;
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  return [
    ...(type !== undefined && type !== '' && !types.includes(type) ? [notSupported(`${path}.type`, type, types)] : []),
    ...(schema.default !== undefined && noDefaults !== undefined
      ? [forbidden(`${path}.default`, `must not be set ${noDefaults}`)]
      : []),
    ...unsupported
      .filter((field) => schema[field] !== undefined)
      .map((field) => forbidden(`${path}.${field}`, `${field} is not supported`)),
    ...(type === 'null'
      ? [forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative')]
      : []),
    ...(Array.isArray(schema.items)
      ? [forbidden(`${path}.items`, 'items must be a schema object and not an array')]
      : []),
    ...(meta && schema['x-kubernetes-embedded-resource'] === true
      ? [forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta')]
      : []),
    ...(schema.uniqueItems === true
      ? [
          forbidden(
            `${path}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...(schema.additionalProperties !== undefined &&
    schema.additionalProperties !== true &&
    Object.keys(schema.properties ?? {}).length > 0
      ? [forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')]
      : []),
    ...(preserve === false
      ? [invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')]
      : []),
  ];
}

function typeForErrors(
  schema: JsonSchema,
  path: string,
  wanted: { readonly type: string; readonly field: string },
): FieldError[] {
  if (schema.type === wanted.type) return [];
  const detail = `must be ${wanted.type} if ${wanted.field} is specified`;
  return [schema.type === undefined ? required(`${path}.type`, detail) : invalid(`${path}.type`, schema.type, detail)];
}

function mapTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-map-type'];
  if (type === undefined) return [];
  const known = type === 'atomic' || type === 'granular';
  return [
    ...typeForErrors(schema, path, { type: 'object', field: 'x-kubernetes-map-type' }),
    ...(known ? [] : [notSupported(`${path}.x-kubernetes-map-type`, type, ['atomic', 'granular'])]),
  ];
}

function listTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = `${path}.x-kubernetes-list-type`;
  const keysDetail = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (type === undefined) return keys.length > 0 ? [required(at, keysDetail)] : [];
  return [
    ...typeForErrors(schema, path, { type: 'array', field: 'x-kubernetes-list-type' }),
    ...(type === 'set' && schema.type === 'array' ? setItemErrors(itemsOf(schema), path) : []),
    ...(['atomic', 'set', 'map'].includes(type) ? [] : [notSupported(at, type, ['atomic', 'set', 'map'])]),
    ...(keys.length > 0 && type !== 'map' ? [invalid(at, type, keysDetail)] : []),
    ...(type === 'map' ? keyErrors(schema, keys, path) : []),
    ...((type === 'set' || type === 'map') && itemsOf(schema)?.nullable === true
      ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${type}`)]
      : []),
  ];
}

function setItemErrors(items: JsonSchema | undefined, path: string): FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [invalid(`${path}.items.x-kubernetes-list-type`, listType, detail)];
  return items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic'
    ? [invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, detail)]
    : [];
}

function keyErrors(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const items = itemsOf(schema);
  const at = `${path}.x-kubernetes-list-map-keys`;
  const errors = keys.length === 0 ? [required(at, 'must not be empty if x-kubernetes-list-type is map')] : [];
  if (schema.items === undefined)
    return [...errors, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  if (items === undefined)
    return [
      ...errors,
      invalid(`${path}.items`, schema.items, 'must only have a single schema if x-kubernetes-list-type is map'),
    ];
  if (items.type !== 'object')
    return [
      ...errors,
      invalid(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    ];
  return [
    ...errors,
    ...keys.flatMap((key, index) => {
      const property = propertyOf(items, key);
      const below = `${path}.items.properties[${key}]`;
      const again = keys.indexOf(key) < index ? [invalid(at, keys, 'must not contain duplicate entries')] : [];
      if (property === undefined) return [invalid(at, keys, 'entries must all be names of item properties'), ...again];
      const scalar = property.type !== 'array' && property.type !== 'object';
      const always = (items.required ?? []).includes(key) || property.default !== undefined;
      return [
        ...(scalar
          ? []
          : [
              invalid(
                `${below}.type`,
                items.type,
                "must be a scalar type if parent array's x-kubernetes-list-type is map",
              ),
            ]),
        ...again,
        ...(always
          ? []
          : [
              required(
                `${below}.default`,
                'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
              ),
            ]),
        ...(property.nullable === true
          ? [forbidden(`${below}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable')]
          : []),
      ];
    }),
  ];
}
