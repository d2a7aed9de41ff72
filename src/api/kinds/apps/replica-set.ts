/** The kind ReplicaSet: defaults, validation and Table columns. */

import type { ReplicaSet, Sent } from '../../objects/index.ts';
import { type FieldError, immutableField } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { replicaStatusErrors } from '../core/replication-controller.ts';
import { strategy } from '../strategy.ts';
import { countingStatus, nonNegatives, selectedTemplateErrors, selectorCell, workloadWarnings } from '../workload.ts';

const replicaSetOf = (object: object): Sent<ReplicaSet> => object as Sent<ReplicaSet>;

function specErrors(object: KubeObject): FieldError[] {
  const { replicas, minReadySeconds, selector, template = {} } = replicaSetOf(object).spec ?? {};
  return [...nonNegatives('spec', { replicas, minReadySeconds }), ...selectedTemplateErrors(selector, template)];
}

export const replicaSetBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults(object) {
    const spec = (replicaSetOf(object).spec ??= {});
    spec.replicas ??= 1;
    spec.template ??= {};
    defaultPodTemplate(spec.template);
  },
  validate: specErrors,
  // As a whole and as a change.
  validateUpdate: (object, old) => [
    ...specErrors(object),
    ...specErrors(object),
    ...immutableField(replicaSetOf(object).spec?.selector, replicaSetOf(old).spec?.selector, 'spec.selector'),
  ],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object, old) => workloadWarnings(replicaSetOf(object).spec?.template, object, old),
  subresources: {
    status: { ...countingStatus(), validateUpdate: (object) => replicaStatusErrors(replicaSetOf(object).status ?? {}) },
  },
  columns: [
    nameColumn,
    column('Desired', 'Desired number of replicas.', { type: 'integer' }),
    column('Current', 'Current number of replicas.', { type: 'integer' }),
    column('Ready', 'Number of ready replicas.', { type: 'integer' }),
    ageColumn,
    ...containerColumns,
    column('Selector', 'Label selector of its pods.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = replicaSetOf(object);
    return [
      object.metadata.name ?? '',
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      ageOf(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector),
    ];
  },
};
