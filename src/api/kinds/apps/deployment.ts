/** The kind Deployment: defaults, validation and Table columns. */

import type {
  Deployment,
  DeploymentSpec,
  DeploymentStatus,
  DeploymentStrategy,
  RollingUpdateDeployment,
  Sent,
} from '../../objects/index.ts';
import {
  type FieldError,
  forbidden,
  immutableField,
  invalid,
  notSupported,
  required,
  semanticEqual,
  verbatim,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { keepingAnnotations, keepMetadata, metadataOf, strategy } from '../strategy.ts';
import { atMostAll, countOf, countOrPercent, printed } from '../int-or-percent.ts';
import {
  collisionErrors,
  countingStatus,
  nonNegatives,
  numberProblem,
  selectedTemplateErrors,
  selectorCell,
  withinReplicas,
  workloadWarnings,
} from '../workload.ts';

const deploymentOf = (object: object): Sent<Deployment> => object as Sent<Deployment>;

/** The revision to go back to; a field of old API versions that lives on as an annotation. */
const rollbackTo = 'deprecated.deployment.rollback.to';

function unreadable(object: JsonObject): string | undefined {
  const text = deploymentOf(object).metadata?.annotations?.[rollbackTo] ?? '';
  const problem = text === '' ? undefined : numberProblem(text);
  return problem === undefined ? undefined : `failed to parse annotation[${rollbackTo}]=${text} as int64: ${problem}`;
}

/** A revision below the first is an error of spec.rollback, as upstream reports it. */
function rollbackErrors(object: KubeObject): FieldError[] {
  return nonNegatives('spec.rollback', { version: Number(object.metadata.annotations?.[rollbackTo] ?? 0) });
}

function defaults(object: JsonObject): void {
  const spec = (deploymentOf(object).spec ??= {});
  spec.replicas ??= 1;
  const rollout = (spec.strategy ??= {});
  rollout.type ||= 'RollingUpdate';
  if (rollout.type === 'RollingUpdate') {
    const update = (rollout.rollingUpdate ??= {});
    update.maxUnavailable ??= '25%';
    update.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
}

function rollingUpdateErrors({ maxUnavailable, maxSurge }: Sent<RollingUpdateDeployment>, path: string): FieldError[] {
  const unavailable = `${path}.maxUnavailable`;
  return [
    ...countOrPercent(unavailable, maxUnavailable),
    ...countOrPercent(`${path}.maxSurge`, maxSurge),
    ...(countOf(maxUnavailable) === 0 && countOf(maxSurge) === 0
      ? [invalid(unavailable, printed(maxUnavailable), 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...atMostAll(unavailable, maxUnavailable),
  ];
}

function strategyErrors({ type = '', rollingUpdate }: Sent<DeploymentStrategy>): FieldError[] {
  const path = 'spec.strategy';
  if (type === 'Recreate')
    return rollingUpdate === undefined
      ? []
      : [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
  if (type !== 'RollingUpdate') {
    const shown = verbatim(
      `apps.DeploymentStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}`,
    );
    return [notSupported(path, shown, ['Recreate', 'RollingUpdate'])];
  }
  if (rollingUpdate === undefined)
    return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')];
  return rollingUpdateErrors(rollingUpdate, `${path}.rollingUpdate`);
}

function deadlineErrors({ progressDeadlineSeconds, minReadySeconds = 0 }: Sent<DeploymentSpec>): FieldError[] {
  if (progressDeadlineSeconds === undefined || progressDeadlineSeconds > minReadySeconds) return [];
  return [invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds')];
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = deploymentOf(object).spec ?? {};
  const { replicas, minReadySeconds, revisionHistoryLimit, progressDeadlineSeconds, selector, template = {} } = spec;
  return [
    ...nonNegatives('spec', { replicas }),
    ...selectedTemplateErrors(selector, template),
    ...strategyErrors(spec.strategy ?? {}),
    ...nonNegatives('spec', { minReadySeconds, revisionHistoryLimit, progressDeadlineSeconds }),
    ...rollbackErrors(object),
    ...deadlineErrors(spec),
  ];
}

function statusErrors(status: Sent<DeploymentStatus>): FieldError[] {
  const {
    observedGeneration,
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
    unavailableReplicas,
    collisionCount,
  } = status;
  return [
    ...nonNegatives('status', {
      observedGeneration,
      replicas,
      updatedReplicas,
      readyReplicas,
      availableReplicas,
      unavailableReplicas,
      collisionCount,
    }),
    ...withinReplicas(replicas, { updatedReplicas, readyReplicas, availableReplicas }),
    ...(availableReplicas > readyReplicas
      ? [invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas')]
      : []),
  ];
}

const plain = strategy({ generation: true, status: true });

export const deploymentBehaviour: KindBehaviour = {
  ...plain,
  unreadable,
  defaults,
  prepareForUpdate(object, old) {
    plain.prepareForUpdate(object, old);
    const spec = deploymentOf(object).spec;
    // Unlike other kinds, a change of annotations increments the generation too.
    const same =
      semanticEqual(spec, old.spec) && semanticEqual(metadataOf(object)['annotations'], old.metadata.annotations);
    keepMetadata(object, old, 'generation');
    if (!same) metadataOf(object)['generation'] = (old.metadata.generation ?? 0) + 1;
  },
  validate: specErrors,
  validateUpdate: (object, old) => [
    ...specErrors(object),
    ...immutableField(deploymentOf(object).spec?.selector, deploymentOf(old).spec?.selector, 'spec.selector'),
  ],
  warnings: (object, old) => workloadWarnings(deploymentOf(object).spec?.template, object, old),
  subresources: {
    status: {
      ...keepingAnnotations(countingStatus(['labels']), [rollbackTo]),
      validateUpdate: (object, old) => [
        ...statusErrors(deploymentOf(object).status ?? {}),
        ...collisionErrors(deploymentOf(object).status?.collisionCount, deploymentOf(old).status?.collisionCount),
      ],
    },
  },
  fieldAnnotations: [rollbackTo],
  columns: [
    nameColumn,
    column('Ready', 'Number of ready pods and of desired pods.'),
    column('Up-to-date', 'Number of pods created from the current template.'),
    column('Available', 'Number of pods that have been ready for minReadySeconds.'),
    ageColumn,
    ...containerColumns,
    column('Selector', 'Label selector of its pods.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = deploymentOf(object);
    return [
      object.metadata.name ?? '',
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      ageOf(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector),
    ];
  },
};
