/** The KindBehaviour of a custom resource, made from its definition. */

import {
  compareVersions,
  type Definition,
  type DefinitionVersion,
  embeddedErrors,
  fillDefaults,
  listTypeErrors,
  noOld,
  ruleCheckOf,
  scaleErrors,
  schemaErrors,
  valuesAt,
} from '../custom-schema/index.ts';
import { deepEqual, type FieldError, fieldErrorText, invalid, validateFinalizerName } from '../machinery/index.ts';
import type { KindBehaviour, SubresourceBehaviour } from '../kinds/index.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { conformCustom, type CustomType } from './decoding.ts';
import { printerTable } from './printer-columns.ts';

/** Errors after which rules in the expression language are not tried: they could not rely on the shape. */
const blocking: ReadonlySet<string> = new Set([
  'Unsupported value',
  'Required value',
  'Too long',
  'Too many',
  'Type invalid',
]);
const unchecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to ' +
  'complete validation';

/** One version of a definition, and how its objects are stored. */
interface VersionOfDefinition {
  readonly definition: Definition;
  readonly version: DefinitionVersion;
  readonly type: CustomType;
  readonly storageVersion: string;
}

/**
 * The behaviour of a custom kind in one of its versions: defaults, validation, strategies and columns out of its
 * definition.
 */
export function customBehaviour(of: VersionOfDefinition): KindBehaviour {
  const { version, type, storageVersion } = of;
  const status = version.subresources?.status !== undefined;
  const deprecation = deprecationText(of);
  const told = new WeakMap<KubeObject, readonly string[]>();
  const errorsOf = validation(of, told);
  const warnings = (object: KubeObject, old?: KubeObject): readonly string[] => [
    ...finalizerWarnings(object, old),
    ...(told.get(object) ?? []),
  ];
  return {
    defaults: (object) => {
      fillDefaults(object, type.schema);
    },
    prepareForCreate(object) {
      if (status) delete object['status'];
      metadataOf(object)['generation'] = 1;
    },
    prepareForUpdate(object, old) {
      if (status) keepStatus(object, old);
      countGeneration(object, old);
    },
    validate: (object) => errorsOf(object, undefined),
    validateUpdate: errorsOf,
    warnings,
    subresources: status ? { status: { ...statusSubresource(errorsOf), warnings } } : {},
    selectableFields: (object) =>
      Object.fromEntries(
        (version.selectableFields ?? []).map(({ jsonPath = '' }) => [
          selectedName(jsonPath),
          fieldText(valuesAt(object, jsonPath)[0]),
        ]),
      ),
    allowUnconditionalUpdate: false,
    plainFinalizers: true,
    deprecation,
    ...printerTable(version.additionalPrinterColumns),
    toStorage: (object) => ({ ...object, apiVersion: `${type.group}/${storageVersion}` }),
    fromStorage(object) {
      const { object: made } = conformCustom(type, object, (problem) => new Error(problem));
      made['apiVersion'] = `${type.group}/${type.version}`;
      fillDefaults(made, type.schema);
      return made;
    },
  };
}

function metadataOf(object: JsonObject): JsonObject {
  return (object['metadata'] ??= {}) as JsonObject;
}

/** The name by which a field selector reaches what a path of the definition (`.spec.color`) points at. */
export const selectedName = (jsonPath: string): string => jsonPath.replace(/^\./, '');

function fieldText(value: unknown): string {
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

function keepStatus(object: JsonObject, old: KubeObject): void {
  if (old.status === undefined) delete object['status'];
  else object['status'] = old.status;
}

function countGeneration(object: JsonObject, old: KubeObject): void {
  const { metadata: _new, ...wish } = object;
  const { metadata: _old, ...before } = old;
  const generation = old.metadata.generation ?? 0;
  metadataOf(object)['generation'] = deepEqual(wish, before) ? generation : generation + 1;
}

type Validate = (object: KubeObject, old: KubeObject | undefined) => readonly FieldError[];

/**
 * Checks in upstream's order: the schema, the numbers of a Scale, embedded objects, lists, then the rules. What rules
 * find in what has not changed is told.
 */
function validation({ version, type }: VersionOfDefinition, told: WeakMap<KubeObject, readonly string[]>): Validate {
  const { schema } = type;
  const rules = ruleCheckOf(schema);
  return (object, old) => {
    const repeated = listTypeErrors(object, schema);
    const errors: FieldError[] = [
      ...schemaErrors(schema, { value: object, path: '', old: old ?? noOld }),
      ...scaleErrors(version.subresources?.scale, object),
      ...embeddedErrors(object, schema),
      // A list that had repeated items before may keep them.
      ...(repeated.length > 0 && old !== undefined && listTypeErrors(old, schema).length > 0 ? [] : repeated),
    ];
    if (rules === undefined) return errors;
    if (errors.some((error) => blocking.has(error.type))) return [...errors, invalid('<nil>', null, unchecked)];
    const found = rules(object, old);
    if (found.warnings.length > 0)
      told.set(
        object,
        found.warnings.map((error) => `${error.field}: ${fieldErrorText(error)}`),
      );
    return [...errors, ...found.errors];
  };
}

/** New finalizers that may be another controller's too. */
function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const known = new Set(old?.metadata.finalizers);
  const added = [...new Set(object.metadata.finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
  const advice =
    'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other ' +
    'finalizer writers';
  return added
    .filter((finalizer) => validateFinalizerName(finalizer, '').length > 0)
    .map((finalizer) => `metadata.finalizers: "${finalizer}": ${advice}`);
}

/** A write to the status changes nothing else. */
function statusSubresource(errorsOf: Validate): SubresourceBehaviour {
  return {
    prepareForUpdate(object, old) {
      const { status } = object;
      const managedFields = metadataOf(object)['managedFields'];
      for (const field of Object.keys(object)) delete object[field];
      Object.assign(object, old, { metadata: { ...old.metadata, managedFields } });
      if (managedFields === undefined) delete metadataOf(object)['managedFields'];
      if (status === undefined) delete object['status'];
      else object['status'] = status;
    },
    validateUpdate: errorsOf,
  };
}

function deprecationText({ definition, version, type }: VersionOfDefinition): string | undefined {
  if (version.deprecated !== true) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const newer = (definition.spec?.versions ?? []).filter(
    (other) =>
      other.served === true && other.deprecated !== true && compareVersions(other.name ?? '', type.version) < 0,
  );
  const [best] = newer.map(({ name = '' }) => name).sort(compareVersions);
  const replacement = best === undefined ? '' : `; use ${type.group}/${best} ${type.kind}`;
  return `${type.group}/${type.version} ${type.kind} is deprecated${replacement}`;
}
