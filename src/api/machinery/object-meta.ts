/** Validates the metadata of objects. */
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../objects/generated/meta-v1.ts';
import { semanticEqual } from './deep.ts';
import {
  childPath,
  type FieldError,
  forbidden,
  indexPath,
  invalid,
  notSupported,
  required,
  tooLong,
  verbatim,
} from './field-error.ts';
import { validateLabels } from './label-selector.ts';
import { byteLength, type NameCheck, nameIsDnsLabel, nameIsDnsSubdomain, qualifiedName } from './names.ts';

/** All annotations of an object together, keys and values. */
const annotationBytesMax = 256 * 1024;
const fieldManagerBytesMax = 128;
const subresourceBytesMax = 256;
/** Nearly all managers are named so, and no such name has an unprintable character. */
const plain = /^[ -~]*$/;
const standardFinalizers: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export interface MetaCheckOptions {
  readonly namespaced: boolean;
  /** Absent: a DNS subdomain. */
  readonly nameCheck?: NameCheck;
  /** Path of the metadata; absent: `metadata`. */
  readonly path?: string;
  /**
   * Finalizers without a domain are refused unless they are Kubernetes' own; absent: true (false for custom resources).
   */
  readonly strictFinalizers?: boolean;
}

/** Errors of the metadata of any object, new or changed. */
export function validateObjectMeta(meta: ObjectMeta, options: MetaCheckOptions): FieldError[] {
  const path = options.path ?? 'metadata';
  const errors = validateMetaNames(meta, path, options);
  if ((meta.generation ?? 0) < 0)
    errors.push(invalid(childPath(path, 'generation'), meta.generation, 'must be greater than or equal to 0'));
  errors.push(...validateMetaMaps(meta, path));
  if (has(meta.finalizers))
    errors.push(
      ...validateFinalizers(meta.finalizers, childPath(path, 'finalizers'), options.strictFinalizers ?? true),
    );
  if (has(meta.managedFields))
    errors.push(...validateManagedFields(meta.managedFields, childPath(path, 'managedFields')));
  return errors;
}

/** Paths are put together only for what is there. */
const has = <T>(list: readonly T[] | undefined): list is readonly T[] => (list?.length ?? 0) > 0;

function validateMetaNames(meta: ObjectMeta, path: string, options: MetaCheckOptions): FieldError[] {
  const errors: FieldError[] = [];
  const check = options.nameCheck ?? nameIsDnsSubdomain;
  const { name = '', generateName = '', namespace = '' } = meta;
  if (generateName !== '')
    for (const message of check(generateName, true))
      errors.push(invalid(childPath(path, 'generateName'), generateName, message));
  if (name === '') errors.push(required(childPath(path, 'name'), 'name or generateName is required'));
  else for (const message of check(name, false)) errors.push(invalid(childPath(path, 'name'), name, message));
  if (!options.namespaced) {
    if (namespace !== '') errors.push(forbidden(childPath(path, 'namespace'), 'not allowed on this type'));
  } else if (namespace === '') errors.push(required(childPath(path, 'namespace')));
  else
    for (const message of nameIsDnsLabel(namespace, false))
      errors.push(invalid(childPath(path, 'namespace'), namespace, message));
  return errors;
}

function validateMetaMaps(meta: ObjectMeta, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.labels !== undefined) errors.push(...validateLabels(meta.labels, childPath(path, 'labels')));
  if (meta.annotations !== undefined)
    errors.push(...validateAnnotations(meta.annotations, childPath(path, 'annotations')));
  if (has(meta.ownerReferences))
    errors.push(...validateOwnerReferences(meta.ownerReferences, childPath(path, 'ownerReferences')));
  return errors;
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...qualifiedName(key.toLowerCase()).map((message) => invalid(path, key, message)));
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > annotationBytesMax) errors.push(tooLong(path, '', annotationBytesMax));
  return errors;
}

function validateOwnerReferences(references: readonly OwnerReference[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    errors.push(...validateOwnerReference(reference, path));
    if (reference.controller !== true) continue;
    const current = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = current;
    else
      errors.push(
        invalid(
          path,
          references,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ` +
            `${current}`,
        ),
      );
  }
  return errors;
}

function validateOwnerReference(reference: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference as Partial<OwnerReference>;
  const parts = apiVersion.split('/');
  if (parts.length > 2 || parts.at(-1) === '')
    errors.push(invalid(childPath(path, 'apiVersion'), apiVersion, 'version must not be empty'));
  if (kind === '') errors.push(invalid(childPath(path, 'kind'), kind, 'kind must not be empty'));
  if (name === '') errors.push(invalid(childPath(path, 'name'), name, 'name must not be empty'));
  if (uid === '') errors.push(invalid(childPath(path, 'uid'), uid, 'uid must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event')
    errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
  return errors;
}

function validateFinalizers(finalizers: readonly string[], path: string, strict: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers)
    errors.push(...qualifiedName(finalizer).map((message) => invalid(path, finalizer, message)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return strict ? [...errors, ...unqualifiedFinalizers(finalizers, path)] : errors;
}

/** Only Kubernetes' own finalizers go without a domain. */
export function validateFinalizerName(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return [];
  return [invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function validateManagedFields(entries: readonly ManagedFieldsEntry[], path: string): FieldError[] {
  return entries.flatMap((entry, index) => {
    const at = indexPath(path, index);
    const errors: FieldError[] = [];
    const { operation, fieldsType } = entry as { operation?: string; fieldsType?: string };
    if (operation !== 'Apply' && operation !== 'Update')
      errors.push(invalid(childPath(at, 'operation'), operation ?? '', 'must be `Apply` or `Update`'));
    if (fieldsType !== undefined && fieldsType !== '' && fieldsType !== 'FieldsV1')
      errors.push(invalid(childPath(at, 'fieldsType'), fieldsType, 'must be `FieldsV1`'));
    errors.push(...validateFieldManager(entry.manager ?? '', childPath(at, 'manager')));
    if (byteLength(entry.subresource ?? '') > subresourceBytesMax)
      errors.push(tooLong(childPath(at, 'subresource'), entry.subresource, subresourceBytesMax));
    return errors;
  });
}

/** Errors of a field manager's name, in managedFields or in the options of a write. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  if (plain.test(manager) && manager.length <= fieldManagerBytesMax) return [];
  const errors: FieldError[] = [];
  if (byteLength(manager) > fieldManagerBytesMax) errors.push(tooLong(path, manager, fieldManagerBytesMax));
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(manager))
    errors.push(invalid(path, manager, 'should only contain printable characters'));
  return errors;
}

/** Errors of the `dryRun` of a write. */
export function validateDryRun(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === 'All')) return [];
  return [
    notSupported('dryRun', verbatim(`[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`), ['All']),
  ];
}

/** A field that was given once and for all. */
export function immutableField(value: unknown, old: unknown, path: string): FieldError[] {
  return semanticEqual(value, old) ? [] : [invalid(path, value, 'field is immutable')];
}

/** Errors of finalizers that nobody's domain keeps from others' and that are not Kubernetes' own. */
export function unqualifiedFinalizers(finalizers: readonly string[] | undefined, path: string): FieldError[] {
  return (finalizers ?? []).flatMap((finalizer, index) => validateFinalizerName(finalizer, indexPath(path, index)));
}

/**
 * Errors of changed metadata against the stored one; does not repeat the checks of names and finalizers of
 * `validateObjectMeta`.
 */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined)
    errors.push(...newFinalizers(meta.finalizers ?? [], old.finalizers ?? [], childPath(path, 'finalizers')));
  if ((meta.resourceVersion ?? '') === '')
    errors.push(
      invalid(childPath(path, 'resourceVersion'), meta.resourceVersion ?? '', 'must be specified for an update'),
    );
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid(childPath(path, 'generation'), meta.generation ?? 0, 'must not be decremented'));
  for (const field of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    errors.push(...immutableField(meta[field], old[field], childPath(path, field)));
  }
  return [
    ...errors,
    ...validateMetaMaps(meta, path),
    ...validateManagedFields(meta.managedFields ?? [], childPath(path, 'managedFields')),
  ];
}

/** An object that is being deleted may lose finalizers, not gain any. */
function newFinalizers(finalizers: readonly string[], old: readonly string[], path: string): FieldError[] {
  const extra = [...new Set(finalizers)].filter((finalizer) => !old.includes(finalizer)).sort();
  if (extra.length === 0) return [];
  const shown = extra.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [
    forbidden(
      path,
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
    ),
  ];
}
