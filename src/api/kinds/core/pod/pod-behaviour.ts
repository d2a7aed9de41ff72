/** The kind Pod: defaults, validation and Table columns. */

import { definedMembers } from '../../../object.ts';
import { type Affinity, type Pod, type PodAffinityTerm, qualityOfService, type Sent } from '../../../objects/index.ts';
import { semanticEqual } from '../../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../../object.ts';
import type { KindBehaviour, MetadataChecks } from '../../behaviour.ts';
import { firstGeneration, keepField, keepMetadata, metadataOf } from '../../strategy.ts';
import { joinAppArmor } from './app-armor.ts';
import { dropDisabledStatus } from './disabled-fields.ts';
import { validateEphemeralContainers } from './ephemeral-containers.ts';
import { podColumns, podRow, podRowConditions } from './pod-columns.ts';
import { defaultPod, mirrorServiceAccount } from './pod-defaults.ts';
import { resizedSpec, validatePodResize } from './pod-resize.ts';
import { validatePodStatus } from './pod-status-validation.ts';
import { validatePodUpdate } from './pod-update-validation.ts';
import { validatePodCreate } from './pod-validation.ts';
import { podWarnings } from './pod-warnings.ts';
import { podQuota } from './pod-quota.ts';

const podOf = (object: object): Sent<Pod> => object as Sent<Pod>;

/**
 * `matchLabelKeys` narrow a term to pods with this pod's own values of those labels; the selector says so from creation
 * on.
 */
function resolveLabelKeys(term: Sent<PodAffinityTerm> | undefined, labels: Readonly<Record<string, string>>): void {
  if (term?.labelSelector === undefined) return;
  const expressions = [
    ['In', term.matchLabelKeys],
    ['NotIn', term.mismatchLabelKeys],
  ] as const;
  const added = expressions.flatMap(([operator, keys]) =>
    (keys ?? []).flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }])),
  );
  if (added.length > 0)
    term.labelSelector = {
      ...term.labelSelector,
      matchExpressions: [...(term.labelSelector.matchExpressions ?? []), ...added],
    };
}

function resolveAffinity(affinity: Sent<Affinity> | undefined, labels: Readonly<Record<string, string>>): void {
  for (const side of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    for (const term of side?.requiredDuringSchedulingIgnoredDuringExecution ?? []) resolveLabelKeys(term, labels);
    for (const term of side?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      resolveLabelKeys(term.podAffinityTerm, labels);
  }
}

function prepareForCreate(object: JsonObject): readonly string[] {
  const pod = podOf(object);
  const spec = (pod.spec ??= {});
  firstGeneration(object);
  mirrorServiceAccount(spec);
  resolveAffinity(spec.affinity, pod.metadata?.labels ?? {});
  const gated = (spec.schedulingGates?.length ?? 0) > 0;
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: pod.metadata?.creationTimestamp ?? null,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
  const warnings = joinAppArmor(pod);
  object['status'] = {
    phase: 'Pending',
    ...(gated ? { conditions: [condition] } : {}),
    qosClass: qualityOfService(spec),
  };
  return warnings;
}

function countGeneration(object: JsonObject, old: KubeObject): void {
  keepMetadata(object, old, 'generation');
  if (!semanticEqual(object['spec'], old.spec)) metadataOf(object)['generation'] = (old.metadata.generation ?? 0) + 1;
}

function prepareStatus(object: JsonObject, old: KubeObject): void {
  keepField(object, old, 'spec');
  for (const field of ['generation', 'ownerReferences']) keepMetadata(object, old, field);
  const pod = podOf(object);
  const qosClass = podOf(old).status?.qosClass;
  pod.status ??= {};
  dropDisabledStatus(pod.status);
  if (qosClass !== undefined) pod.status.qosClass ||= qosClass;
}

/** Writes that may change one part of the spec keep all metadata that a client could change. */
function keepAllButSpec(object: JsonObject, old: KubeObject): void {
  keepField(object, old, 'status');
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences', 'generation'])
    keepMetadata(object, old, field);
}

function gracePeriodSeconds(object: KubeObject, requested?: number): number {
  const pod = podOf(object);
  const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  if ((pod.spec?.nodeName ?? '') === '' || ended) return 0;
  const seconds = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

function selectableFields(object: KubeObject): Record<string, string> {
  const { spec = {}, status = {} } = podOf(object);
  return {
    'spec.nodeName': spec.nodeName ?? '',
    // The field's name before v1.
    'spec.host': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status.phase ?? '',
    'status.podIP': status.podIPs?.[0]?.ip ?? '',
    // Known, but upstream has no value for it.
    'status.podIPs': '',
    'status.nominatedNodeName': status.nominatedNodeName ?? '',
  };
}

const changedAndWhole: MetadataChecks = { changes: 1, wholes: 1 };

export const podBehaviour: KindBehaviour = {
  quota: podQuota,
  deletionAnswersObject: true,
  defaults: defaultPod,
  prepareForCreate,
  prepareForUpdate(object, old) {
    mirrorServiceAccount((podOf(object).spec ??= {}));
    keepField(object, old, 'status');
    countGeneration(object, old);
  },
  validate: (object) => validatePodCreate(podOf(object)),
  validateUpdate: (object, old) => validatePodUpdate(podOf(object), podOf(old)),
  metadataChecks: changedAndWhole,
  warnings: (object, old) => (old === undefined ? podWarnings(podOf(object)) : []),
  subresources: {
    status: {
      prepareForUpdate: prepareStatus,
      validateUpdate: (object, old) => validatePodStatus(podOf(object), podOf(old)),
    },
    ephemeralcontainers: {
      prepareForUpdate(object, old) {
        const wanted = podOf(object).spec?.ephemeralContainers;
        keepAllButSpec(object, old);
        object['spec'] = definedMembers({ ...podOf(old).spec, ephemeralContainers: wanted });
        countGeneration(object, old);
      },
      validateUpdate: (object, old) => validateEphemeralContainers(podOf(object), podOf(old)),
      metadataChecks: changedAndWhole,
    },
    resize: {
      prepareForUpdate(object, old) {
        keepAllButSpec(object, old);
        object['spec'] = resizedSpec(podOf(object).spec ?? {}, podOf(old).spec ?? {});
        countGeneration(object, old);
      },
      validateUpdate: (object, old) => validatePodResize(podOf(object), podOf(old)),
      metadataChecks: changedAndWhole,
    },
  },
  selectableFields,
  columns: podColumns,
  rowConditions: podRowConditions,
  row: podRow,
  gracePeriodSeconds,
};
