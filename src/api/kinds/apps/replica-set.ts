/** The kind ReplicaSet: defaults, validation and Table columns. */

import type { ReplicaSet, Sent } from '../../objects/index.ts';
import { type FieldError, immutableField } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { replicaStatusErrors } from '../core/replication-controller.ts';
import { replicaColumns, replicaRow } from '../replica-columns.ts';
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
  columns: replicaColumns,
  row: (object, now) => replicaRow(object, now, selectorCell(replicaSetOf(object).spec?.selector)),
};
