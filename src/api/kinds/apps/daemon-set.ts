/** The kind DaemonSet: defaults, validation and Table columns. */

import type {
  DaemonSet,
  DaemonSetStatus,
  DaemonSetUpdateStrategy,
  RollingUpdateDaemonSet,
  Sent,
} from '../../objects/index.ts';
import {
  type FieldError,
  immutableField,
  invalid,
  notSupported,
  required,
  semanticEqual,
  validateLabelSelector,
  verbatim,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, labelsText, nameColumn } from '../columns.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { keepingAnnotations, metadataOf, statusSubresource, strategy } from '../strategy.ts';
import { atMostAll, countOf, countOrPercent, printed } from '../int-or-percent.ts';
import {
  collisionErrors,
  isEmptySelector,
  nonNegatives,
  numberProblem,
  selectorCell,
  templateErrors,
  templateWarnings,
} from '../workload.ts';

const daemonSetOf = (object: object): Sent<DaemonSet> => object as Sent<DaemonSet>;

/** Counts the versions of the template; a field of old API versions that lives on as an annotation. */
const templateGeneration = 'deprecated.daemonset.template.generation';

function annotationsOf(object: JsonObject): Record<string, string> {
  return (metadataOf(object)['annotations'] ??= {}) as Record<string, string>;
}

function defaults(object: JsonObject): void {
  const spec = (daemonSetOf(object).spec ??= {});
  const update = (spec.updateStrategy ??= {});
  update.type ||= 'RollingUpdate';
  if (update.type === 'RollingUpdate') {
    const rolling = (update.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  annotationsOf(object)[templateGeneration] ??= '0';
}

function rollingUpdateErrors({ maxUnavailable, maxSurge }: Sent<RollingUpdateDaemonSet>, path: string): FieldError[] {
  const unavailable = countOf(maxUnavailable) !== 0;
  const surge = countOf(maxSurge) !== 0;
  return [
    ...countOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...countOrPercent(`${path}.maxSurge`, maxSurge),
    ...atMostAll(`${path}.maxUnavailable`, maxUnavailable),
    ...atMostAll(`${path}.maxSurge`, maxSurge),
    ...(unavailable && surge
      ? [invalid(`${path}.maxSurge`, printed(maxSurge), 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(!unavailable && !surge ? [required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')] : []),
  ];
}

function updateStrategyErrors({ type = '', rollingUpdate }: Sent<DaemonSetUpdateStrategy>): FieldError[] {
  const path = 'spec.updateStrategy';
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    const shown = verbatim(
      `apps.DaemonSetUpdateStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}`,
    );
    return [notSupported(path, shown, ['RollingUpdate', 'OnDelete'])];
  }
  return rollingUpdate === undefined
    ? [required(`${path}.rollingUpdate`)]
    : rollingUpdateErrors(rollingUpdate, `${path}.rollingUpdate`);
}

function specErrors(object: KubeObject): FieldError[] {
  const {
    selector,
    template = {},
    minReadySeconds,
    revisionHistoryLimit,
    updateStrategy = {},
  } = daemonSetOf(object).spec ?? {};
  const present = (selector as typeof selector | null) ?? undefined;
  return [
    ...validateLabelSelector(present, 'spec.selector'),
    ...(present !== undefined && isEmptySelector(present)
      ? [invalid('spec.selector', present, 'empty selector is invalid for daemonset')]
      : []),
    ...templateErrors(present, template, 'DaemonSet'),
    ...nonNegatives('spec', { minReadySeconds }),
    ...updateStrategyErrors(updateStrategy),
    ...nonNegatives('spec', { revisionHistoryLimit }),
  ];
}

function statusErrors(status: Sent<DaemonSetStatus>): FieldError[] {
  const {
    currentNumberScheduled,
    numberMisscheduled,
    desiredNumberScheduled,
    numberReady,
    observedGeneration,
    updatedNumberScheduled,
    numberAvailable,
    numberUnavailable,
    collisionCount,
  } = status;
  return nonNegatives('status', {
    currentNumberScheduled,
    numberMisscheduled,
    desiredNumberScheduled,
    numberReady,
    observedGeneration,
    updatedNumberScheduled,
    numberAvailable,
    numberUnavailable,
    collisionCount,
  });
}

const plain = strategy({ generation: true, status: true });

export const daemonSetBehaviour: KindBehaviour = {
  ...plain,
  unreadable: (object) => {
    const text = daemonSetOf(object).metadata?.annotations?.[templateGeneration];
    return text === undefined ? undefined : numberProblem(text);
  },
  defaults,
  prepareForCreate(object) {
    plain.prepareForCreate(object);
    const annotations = annotationsOf(object);
    if (!(Number(annotations[templateGeneration]) >= 1)) annotations[templateGeneration] = '1';
  },
  prepareForUpdate(object, old) {
    plain.prepareForUpdate(object, old);
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0);
    const same = semanticEqual(daemonSetOf(object).spec?.template, daemonSetOf(old).spec?.template);
    annotationsOf(object)[templateGeneration] = String(same ? before : before + 1);
  },
  validate: specErrors,
  // As a whole and as a change.
  validateUpdate: (object, old) => [
    ...specErrors(object),
    ...specErrors(object),
    ...immutableField(daemonSetOf(object).spec?.selector, daemonSetOf(old).spec?.selector, 'spec.selector'),
  ],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings: (object, old) => templateWarnings(daemonSetOf(object).spec?.template, [object, old]),
  subresources: {
    status: {
      ...keepingAnnotations(statusSubresource(), [templateGeneration]),
      validateUpdate: (object, old) => [
        ...statusErrors(daemonSetOf(object).status ?? {}),
        ...collisionErrors(daemonSetOf(object).status?.collisionCount, daemonSetOf(old).status?.collisionCount),
      ],
    },
  },
  fieldAnnotations: [templateGeneration],
  columns: [
    nameColumn,
    column('Desired', 'Number of nodes that should run its pod.', { type: 'integer' }),
    column('Current', 'Number of nodes that run its pod.', { type: 'integer' }),
    column('Ready', 'Number of nodes whose pod is ready.', { type: 'integer' }),
    column('Up-to-date', 'Number of nodes whose pod was created from the current template.', { type: 'integer' }),
    column('Available', 'Number of nodes whose pod has been ready for minReadySeconds.', { type: 'integer' }),
    column('Node Selector', 'Labels of the nodes on which its pods run.'),
    ageColumn,
    ...containerColumns,
    column('Selector', 'Label selector of its pods.', { priority: 1 }),
  ],
  row(object, now) {
    const { spec = {}, status = {} } = daemonSetOf(object);
    return [
      object.metadata.name ?? '',
      status.desiredNumberScheduled ?? 0,
      status.currentNumberScheduled ?? 0,
      status.numberReady ?? 0,
      status.updatedNumberScheduled ?? 0,
      status.numberAvailable ?? 0,
      labelsText(spec.template?.spec?.nodeSelector),
      ageOf(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector),
    ];
  },
};
