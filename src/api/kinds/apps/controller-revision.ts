/** The kind ControllerRevision: defaults, validation and Table columns. */

import type { ControllerRevision, Sent } from '../../objects/index.ts';
import { type FieldError, immutableField, required } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { nonNegative } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';

const revisionOf = (object: object): Sent<ControllerRevision> => object as Sent<ControllerRevision>;

function errorsOf(object: KubeObject): FieldError[] {
  const { data, revision } = revisionOf(object);
  return [
    ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : []),
    ...nonNegative('revision', revision),
  ];
}

/** The controlling owner as `statefulset.apps/name`. */
function controllerCell(object: KubeObject): string {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.slice(0, owner.apiVersion.indexOf('/'))}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export const controllerRevisionBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  validate: errorsOf,
  validateUpdate: (object, old) => [
    ...errorsOf(object),
    ...immutableField(revisionOf(object).data, revisionOf(old).data, 'data'),
  ],
  metadataChecks: { changes: 1, wholes: 1 },
  columns: [
    nameColumn,
    column('Controller', 'Workload whose state is recorded.'),
    column('Revision', 'Number of the revision; newer revisions have higher numbers.'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name ?? '',
    controllerCell(object),
    revisionOf(object).revision ?? 0,
    ageOf(object, now),
  ],
};
