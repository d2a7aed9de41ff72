/** The kind Namespace: defaults, validation and Table columns. */

import type { Namespace, Sent } from '../../objects/index.ts';
import {
  type FieldError,
  invalid,
  nameIsDnsLabel,
  qualifiedName,
  validateFinalizerName,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { BeginningDeletion, KindBehaviour } from '../behaviour.ts';
import { invalids } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { keepField, keepMetadata, metadataOf, statusSubresource } from '../strategy.ts';

const nameLabel = 'kubernetes.io/metadata.name';

const namespaceOf = (object: object): Sent<Namespace> => object as Sent<Namespace>;

/** At creation errors name the list, at /finalize the item. */
function finalizerErrors(object: KubeObject, pathOf: (index: number) => string): FieldError[] {
  return (namespaceOf(object).spec?.finalizers ?? []).flatMap((name, index) => [
    ...invalids(pathOf(index), name, qualifiedName(name)),
    ...validateFinalizerName(name, pathOf(index)),
  ]);
}

function statusErrors(object: KubeObject): FieldError[] {
  const phase = namespaceOf(object).status?.phase;
  const ending = object.metadata.deletionTimestamp !== undefined;
  if (phase === (ending ? 'Terminating' : 'Active')) return [];
  const detail = ending
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty";
  return [invalid('status.Phase', phase ?? '', detail)];
}

function labelWithName(object: JsonObject): void {
  const namespace = namespaceOf(object);
  const name = namespace.metadata?.name ?? '';
  if (namespace.metadata === undefined || name === '') return;
  namespace.metadata.labels = { ...namespace.metadata.labels, [nameLabel]: name };
}

function prepareForCreate(object: JsonObject): void {
  const namespace = namespaceOf(object);
  labelWithName(object);
  namespace.spec ??= {};
  // On create, the finalizer that lets the contents go first is always there.
  const finalizers = namespace.spec.finalizers ?? [];
  namespace.spec.finalizers = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
  namespace.status = { phase: 'Active' };
}

/** The namespace controller removes the contents, then its finalizer in the spec. */
function beginDeletion(object: JsonObject, { now, propagation }: BeginningDeletion): void {
  const metadata = metadataOf(object);
  metadata['deletionTimestamp'] = now;
  if (propagation === 'Orphan' || propagation === 'Foreground') {
    const finalizer = propagation === 'Orphan' ? 'orphan' : 'foregroundDeletion';
    const others = (namespaceOf(object).metadata?.finalizers ?? []).filter((name) => name !== finalizer);
    metadata['finalizers'] = [...others, finalizer];
  }
  object['status'] = { ...namespaceOf(object).status, phase: 'Terminating' };
}

export const namespaceBehaviour: KindBehaviour = {
  defaults(object) {
    labelWithName(object);
    const status = (namespaceOf(object).status ??= {});
    status.phase ||= 'Active';
  },
  prepareForCreate,
  prepareForUpdate(object, old) {
    keepField(object, old, 'status');
    keepField(object, old, 'spec');
    keepMetadata(object, old, 'generation');
  },
  validate: (object) => finalizerErrors(object, () => 'spec.finalizers'),
  validateUpdate: () => [],
  metadataChecks: { changes: 1, wholes: 1 },
  subresources: {
    status: { ...statusSubresource(), validateUpdate: statusErrors },
    finalize: {
      prepareForUpdate(object, old) {
        keepField(object, old, 'status');
        keepMetadata(object, old, 'generation');
      },
      validateUpdate: (object) => finalizerErrors(object, (index) => `spec.finalizers[${index}]`),
    },
  },
  selectableFields: (object) => ({ 'status.phase': namespaceOf(object).status?.phase ?? '' }),
  columns: [
    nameColumn,
    column('Status', 'Phase of the namespace: Active, or Terminating while its contents are deleted.'),
    ageColumn,
  ],
  row: (object, now) => [object.metadata.name ?? '', namespaceOf(object).status?.phase ?? '', ageOf(object, now)],
  nameCheck: (name, prefix = false) => nameIsDnsLabel(name, prefix),
  beginDeletion,
  isHeld: (object) => (namespaceOf(object).spec?.finalizers ?? []).length > 0,
};
