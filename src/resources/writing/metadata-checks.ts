/** Validation of metadata, beyond what each kind checks. */
import {
  behaviourOf,
  type FieldError,
  type KubeObject,
  type MetadataChecks,
  type MetaCheckOptions,
  nameIsPathSegment,
  type ResourceInfo,
  unqualifiedFinalizers,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../api/index.ts';

const once: MetadataChecks = { changes: 1, wholes: 0 };

function optionsOf(info: ResourceInfo): MetaCheckOptions {
  const behaviour = behaviourOf(info);
  const check = behaviour.nameCheck?.bind(behaviour);
  return {
    namespaced: info.namespaced,
    path: 'metadata',
    strictFinalizers: behaviour.plainFinalizers !== true,
    ...(check === undefined ? {} : { nameCheck: (name: string, prefix: boolean) => [...check(name, prefix)] }),
  };
}

/** Errors of the metadata of a new object. */
export function newMetadataErrors(info: ResourceInfo, object: KubeObject): FieldError[] {
  return validateObjectMeta(object.metadata, optionsOf(info));
}

/**
 * Errors of changed metadata: upstream checks them for every kind, as a whole and as a change, and then with the kind,
 * once or more, and reports all that each check finds.
 */
export function changedMetadataErrors(
  info: ResourceInfo,
  object: KubeObject,
  old: KubeObject,
  checks: MetadataChecks = once,
): FieldError[] {
  const options = optionsOf(info);
  const change = validateObjectMetaUpdate(object.metadata, old.metadata);
  const finalizers =
    options.strictFinalizers === true ? unqualifiedFinalizers(object.metadata.finalizers, 'metadata.finalizers') : [];
  // For every kind a name is any segment of a path, and finalizers need no domain.
  const common = validateObjectMeta(object.metadata, {
    namespaced: info.namespaced,
    nameCheck: nameIsPathSegment,
    strictFinalizers: false,
  });
  const whole = checks.wholes === 0 ? [] : validateObjectMeta(object.metadata, options);
  if (common.length + change.length + finalizers.length + whole.length === 0) return [];
  return [
    ...common,
    ...change,
    ...repeated([...change, ...finalizers], checks.changes),
    ...repeated(whole, checks.wholes),
  ];
}

function repeated(errors: readonly FieldError[], times: number): FieldError[] {
  return Array.from({ length: times }, () => errors).flat();
}
