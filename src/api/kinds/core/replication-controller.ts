/** The kind ReplicationController: defaults, validation and Table columns. */

import type { ReplicationController, ReplicationControllerStatus, Sent } from '../../objects/index.ts';
import { type FieldError, forbidden, invalid, labelsInclude, notSupported, required } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { nonNegative } from '../checks.ts';
import { labelsText } from '../columns.ts';
import { replicaColumns, replicaRow } from '../replica-columns.ts';
import { strategy, statusSubresource } from '../strategy.ts';
import { defaultPodTemplate } from './pod/pod-defaults.ts';
import { validatePodTemplate } from './pod/pod-template-validation.ts';
import { workloadWarnings } from '../workload.ts';

const controllerOf = (object: object): Sent<ReplicationController> => object as Sent<ReplicationController>;

function specErrors(object: KubeObject): FieldError[] {
  const { minReadySeconds, selector = {}, replicas, template } = controllerOf(object).spec ?? {};
  const path = 'spec.template';
  const errors = [...nonNegative('spec.minReadySeconds', minReadySeconds), ...nonNegative('spec.replicas', replicas)];
  const empty = Object.keys(selector).length === 0;
  if (empty) errors.push(required('spec.selector'));
  if (template === undefined) return [...errors, required(path)];
  const labels = template.metadata?.labels ?? {};
  if (!empty && !labelsInclude(labels, selector))
    errors.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'));
  errors.push(...validatePodTemplate(template, path));
  const policy = template.spec?.restartPolicy;
  if (policy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, policy ?? '', ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden(
        `${path}.spec.activeDeadlineSeconds`,
        'activeDeadlineSeconds in ReplicationController is not Supported',
      ),
    );
  }
  return errors;
}

/** Counts of replicas: none is negative, and none is more than there are. ReplicaSets have the same. */
export function replicaStatusErrors(status: Sent<ReplicationControllerStatus>): FieldError[] {
  const {
    replicas = 0,
    fullyLabeledReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
    observedGeneration,
  } = status;
  const path = 'status';
  const detail = 'cannot be greater than status.replicas';
  const counts = { fullyLabeledReplicas, readyReplicas, availableReplicas };
  return [
    ...nonNegative(`${path}.replicas`, replicas),
    ...Object.entries(counts).flatMap(([field, value]) => nonNegative(`${path}.${field}`, value)),
    ...nonNegative(`${path}.observedGeneration`, observedGeneration),
    ...Object.entries(counts).flatMap(([field, value]) =>
      value > replicas ? [invalid(`${path}.${field}`, value, detail)] : [],
    ),
    ...(availableReplicas > readyReplicas
      ? [invalid(`${path}.availableReplicas`, availableReplicas, 'cannot be greater than readyReplicas')]
      : []),
  ];
}

export const replicationControllerBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  quota: { plainCount: true },
  defaultPropagation: 'Orphan',
  plainSelector: true,
  defaults(object) {
    const controller = controllerOf(object);
    const spec = (controller.spec ??= {});
    defaultPodTemplate(spec.template);
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (labels === undefined) return;
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (Object.keys(controller.metadata?.labels ?? {}).length === 0)
      (controller.metadata ??= {}).labels = { ...labels };
  },
  validate: specErrors,
  // As a whole and as a change.
  validateUpdate: (object) => [...specErrors(object), ...specErrors(object)],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object, old) => workloadWarnings(controllerOf(object).spec?.template, object, old),
  subresources: {
    status: {
      ...statusSubresource(),
      validateUpdate: (object) => replicaStatusErrors(controllerOf(object).status ?? {}),
    },
  },
  selectableFields: (object) => ({ 'status.replicas': String(controllerOf(object).status?.replicas ?? 0) }),
  columns: replicaColumns,
  row: (object, now) => replicaRow(object, now, labelsText(controllerOf(object).spec?.selector)),
};
