/**
 * The kind Definition: what a definition must be before its resources can be served. What a definition
 * means is in src/api/custom.
 */
import { atOnce, type Steps } from '../../../base/index.ts';
import { setCondition } from '../../objects/index.ts';
import type { Definition, DefinitionSpec, DefinitionVersion } from '../../custom-schema/index.ts';
import { hasCondition } from '../../custom-schema/index.ts';
import { storedEqual, dns1123Subdomain, type FieldError, immutableField } from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { BeginningDeletion, KindBehaviour } from '../behaviour.ts';
import { plainColumns, plainRow } from '../columns.ts';
import { keepField, keepMetadata, metadataOf, statusSubresource } from '../strategy.ts';
import { approvalErrors, namesErrors, specErrors, storedVersionErrors } from './definition-validation.ts';

const definitionOf = (object: object): Definition => object as Definition;
type Writable<T> = { -readonly [key in keyof T]: T[key] };

function defaults(object: JsonObject): void {
  const spec = object['spec'] as (Writable<DefinitionSpec> & JsonObject) | undefined;
  if (spec === undefined) return;
  const names = (spec.names ?? {}) as Record<string, unknown>;
  const kind = typeof names['kind'] === 'string' ? names['kind'] : '';
  if ((names['singular'] ?? '') === '' && kind !== '') names['singular'] = kind.toLowerCase();
  if ((names['listKind'] ?? '') === '' && kind !== '') names['listKind'] = `${kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service as { port?: number } | undefined;
  if (service !== undefined) service.port ??= 443;
}

function storageVersion(object: JsonObject): DefinitionVersion | undefined {
  return definitionOf(object).spec?.versions?.find(({ storage }) => storage === true);
}

/** The storage version is one in which objects may be stored from now on. */
function noteStorageVersion(object: JsonObject): void {
  const version = storageVersion(object)?.name;
  const status = (object['status'] ?? {}) as Record<string, unknown>;
  const stored = (status['storedVersions'] ?? []) as string[];
  if (version === undefined || stored.includes(version)) return;
  object['status'] = { ...status, storedVersions: [...stored, version] };
}

function nameErrors(name: string): readonly string[] {
  return dns1123Subdomain(name);
}

function* errorsOf(object: KubeObject, old?: KubeObject): Steps<FieldError[]> {
  const definition = definitionOf(object);
  const ofSpec = yield* specErrors(definition, old === undefined ? undefined : definitionOf(old));
  return [
    ...ofSpec,
    ...namesErrors(definition.status?.acceptedNames ?? {}, 'status.acceptedNames'),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, old === undefined ? undefined : definitionOf(old)),
  ];
}

function* updateErrors(object: KubeObject, old: KubeObject): Steps<FieldError[]> {
  const [spec = {}, before = {}] = [definitionOf(object).spec, definitionOf(old).spec];
  const established = hasCondition(definitionOf(old), 'Established');
  const errors = yield* errorsOf(object, old);
  return [
    ...errors,
    ...(established ? immutableField(spec.scope, before.scope, 'spec.scope') : []),
    ...(established ? immutableField(spec.names?.kind, before.names?.kind, 'spec.names.kind') : []),
    ...immutableField(spec.group, before.group, 'spec.group'),
    ...immutableField(spec.names?.plural, before.names?.plural, 'spec.names.plural'),
  ];
}

function* creationErrors(object: KubeObject): Steps<FieldError[]> {
  const errors = yield* errorsOf(object);
  return [...nameMismatch(object), ...errors];
}

const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** The definition's controller deletes the custom objects, then removes the finalizer. */
function beginDeletion(object: JsonObject, { now }: BeginningDeletion): void {
  const { metadata, status } = definitionOf(object);
  const finalizers = metadata.finalizers ?? [];
  const held = finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer];
  object['metadata'] = { ...metadataOf(object), deletionTimestamp: now, finalizers: [...held] };
  const terminating = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  object['status'] = { ...status, conditions: setCondition(status?.conditions ?? [], terminating, now) };
}

const definitionBehaviour: KindBehaviour = {
  defaults,
  prepareForCreate(object) {
    delete object['status'];
    metadataOf(object)['generation'] = 1;
    noteStorageVersion(object);
  },
  prepareForUpdate(object, old) {
    keepField(object, old, 'status');
    keepMetadata(object, old, 'generation');
    if (!storedEqual(object['spec'], old.spec)) metadataOf(object)['generation'] = (old.metadata.generation ?? 0) + 1;
    noteStorageVersion(object);
  },
  validate: (object) => atOnce(creationErrors(object)),
  validateUpdate: (object, old) => atOnce(updateErrors(object, old)),
  validationSteps: (object, old) => (old === undefined ? creationErrors(object) : updateErrors(object, old)),
  nameCheck: nameErrors,
  plainFinalizers: true,
  subresources: {
    status: {
      ...statusSubresource(['labels', 'annotations', 'ownerReferences']),
      validateUpdate: (object) => namesErrors(definitionOf(object).status?.acceptedNames ?? {}, 'status.acceptedNames'),
    },
  },
  allowUnconditionalUpdate: false,
  beginDeletion,
  isHeld: ({ metadata }) => (metadata.finalizers ?? []).length > 0,
  columns: plainColumns,
  row: plainRow,
};

/** The name is made of the plural and the group, so that no two definitions mean the same resource. */
function nameMismatch({ metadata: { name = '' }, spec }: KubeObject): FieldError[] {
  const { names, group } = (spec ?? {}) as DefinitionSpec;
  if (name === `${names?.plural ?? ''}.${group ?? ''}`) return [];
  return [
    { type: 'Invalid value', field: 'metadata.name', value: name, detail: 'must be spec.names.plural+"."+spec.group' },
  ];
}

export const apiextensionsBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'apiextensions.k8s.io/customresourcedefinitions': definitionBehaviour,
};
