/** The kind StatefulSet: defaults, validation and Table columns. */

import type {
  PersistentVolumeClaim,
  PodTemplateSpec,
  Sent,
  StatefulSet,
  StatefulSetPersistentVolumeClaimRetentionPolicy,
  StatefulSetSpec,
  StatefulSetStatus,
} from '../../objects/index.ts';
import {
  dns1123Label,
  type FieldError,
  forbidden,
  invalid,
  nameIsDnsLabel,
  notSupported,
  required,
  semanticEqual,
  validateAnnotations,
  validateLabels,
} from '../../machinery/index.ts';
import type { JsonObject, KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { invalids, isSet } from '../checks.ts';
import { ageColumn, ageOf, column, containerCells, containerColumns, nameColumn } from '../columns.ts';
import { podAnnotationErrors } from '../core/pod/annotations-validation.ts';
import { defaultPodTemplate } from '../core/pod/pod-defaults.ts';
import { claimSpecWarnings } from '../core/claim-warnings.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import {
  collisionErrors,
  endlessPodErrors,
  isBrokenSelector,
  nonNegatives,
  selectorErrors,
  templateLabelErrors,
  templateWarnings,
  withinReplicas,
} from '../workload.ts';

const statefulSetOf = (object: object): Sent<StatefulSet> => object as Sent<StatefulSet>;

/** Claim templates are stored with apiVersion, kind and status, like objects. */
function completeClaim(claim: Sent<PersistentVolumeClaim>): Sent<PersistentVolumeClaim> {
  const metadata = { ...claim.metadata, creationTimestamp: (claim.metadata?.creationTimestamp ?? null) as string };
  const spec = claim.spec ?? {};
  return {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    metadata,
    spec: { ...spec, resources: spec.resources ?? {}, volumeMode: spec.volumeMode ?? 'Filesystem' },
    status: { ...claim.status, phase: isSet(claim.status?.phase) ? claim.status.phase : 'Pending' },
  };
}

function defaultUpdateStrategy(spec: Sent<StatefulSetSpec>): void {
  const update = (spec.updateStrategy ??= {});
  if (!isSet(update.type)) {
    update.type = 'RollingUpdate';
    update.rollingUpdate ??= {};
  }
  if (update.type === 'RollingUpdate' && update.rollingUpdate !== undefined) update.rollingUpdate.partition ??= 0;
  // The feature behind it is off by default.
  if (update.rollingUpdate !== undefined) delete update.rollingUpdate.maxUnavailable;
}

function defaults(object: JsonObject): void {
  const spec = (statefulSetOf(object).spec ??= {});
  spec.podManagementPolicy ||= 'OrderedReady';
  defaultUpdateStrategy(spec);
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  defaultPodTemplate(spec.template);
  if (spec.volumeClaimTemplates !== undefined) spec.volumeClaimTemplates = spec.volumeClaimTemplates.map(completeClaim);
}

function retentionErrors(policy: Sent<StatefulSetPersistentVolumeClaimRetentionPolicy> | undefined): FieldError[] {
  if (policy === undefined) return [];
  return (['whenDeleted', 'whenScaled'] as const).flatMap((field) => {
    const value = policy[field] ?? '';
    return value === 'Retain' || value === 'Delete'
      ? []
      : [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, ['Retain', 'Delete'])];
  });
}

function updateStrategyErrors({ updateStrategy = {} }: Sent<StatefulSetSpec>): FieldError[] {
  const path = 'spec.updateStrategy';
  const { type = '', rollingUpdate } = updateStrategy;
  if (type === '') return [required(path)];
  if (type === 'OnDelete')
    return rollingUpdate === undefined
      ? []
      : [invalid(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
  if (type !== 'RollingUpdate') return [invalid(path, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  return nonNegatives(`${path}.rollingUpdate`, { partition: rollingUpdate?.partition });
}

/** The spec of the pods is checked when they are made: only with the claims do its volumes make sense. */
function templateErrors({ selector, template = {} }: Sent<StatefulSetSpec>): FieldError[] {
  const path = 'spec.template';
  const { labels, annotations } = template.metadata ?? {};
  const endless = endlessPodErrors(template as Sent<PodTemplateSpec>, 'StatefulSet');
  if (isBrokenSelector(selector)) return [invalid('spec.selector', selector, ''), ...endless];
  return [
    ...templateLabelErrors(selector, template),
    ...validateLabels(labels, `${path}.labels`),
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...podAnnotationErrors(annotations, template.spec ?? {}, `${path}.annotations`),
    ...endless,
  ];
}

function policyErrors({ podManagementPolicy = '' }: Sent<StatefulSetSpec>): FieldError[] {
  const path = 'spec.podManagementPolicy';
  if (podManagementPolicy === '') return [required(path)];
  return podManagementPolicy === 'OrderedReady' || podManagementPolicy === 'Parallel'
    ? []
    : [invalid(path, podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")];
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = statefulSetOf(object).spec ?? {};
  const { replicas, minReadySeconds, selector, ordinals } = spec;
  return [
    ...policyErrors(spec),
    ...updateStrategyErrors(spec),
    ...retentionErrors(spec.persistentVolumeClaimRetentionPolicy),
    ...nonNegatives('spec', { replicas, minReadySeconds, 'ordinals.start': ordinals?.start }),
    ...selectorErrors(selector, 'statefulset'),
    ...templateErrors(spec),
  ];
}

function createErrors(object: KubeObject): FieldError[] {
  const serviceName = statefulSetOf(object).spec?.serviceName;
  return [
    ...(isSet(serviceName) ? invalids('spec.serviceName', serviceName, dns1123Label(serviceName)) : []),
    ...specErrors(object),
  ];
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

function fixedPart(object: object): Partial<Sent<StatefulSetSpec>> {
  const spec = statefulSetOf(object).spec ?? {};
  // What is stored has the name, if only an empty one.
  const fixed = { ...spec, serviceName: spec.serviceName ?? '' } as Sent<StatefulSetSpec>;
  for (const field of changeable) delete fixed[field];
  return fixed;
}

function changeErrors(object: KubeObject, old: KubeObject): FieldError[] {
  if (semanticEqual(fixedPart(object), fixedPart(old))) return [];
  const named = changeable.map((field) => `'${field}'`);
  return [
    forbidden(
      'spec',
      `updates to statefulset spec for fields other than ${named.slice(0, -1).join(', ')} and ` +
        `${named.at(-1) ?? ''} are forbidden`,
    ),
  ];
}

function statusErrors(status: Sent<StatefulSetStatus>): FieldError[] {
  const {
    replicas = 0,
    readyReplicas = 0,
    currentReplicas = 0,
    updatedReplicas = 0,
    availableReplicas = 0,
    observedGeneration,
    collisionCount,
  } = status;
  return [
    ...nonNegatives('status', {
      replicas,
      readyReplicas,
      currentReplicas,
      updatedReplicas,
      availableReplicas,
      observedGeneration,
      collisionCount,
    }),
    ...withinReplicas(replicas, { readyReplicas, currentReplicas, updatedReplicas, availableReplicas }),
    ...(availableReplicas > readyReplicas
      ? [invalid('status.availableReplicas', availableReplicas, 'cannot be greater than status.readyReplicas')]
      : []),
  ];
}

function warnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const { template, revisionHistoryLimit, volumeClaimTemplates = [] } = statefulSetOf(object).spec ?? {};
  const changed = old === undefined || old.metadata.generation !== object.metadata.generation;
  const claims = changed
    ? volumeClaimTemplates.flatMap((claim, index) =>
        claimSpecWarnings(claim.spec ?? {}, `spec.volumeClaimTemplates[${index}]`),
      )
    : [];
  const history =
    (revisionHistoryLimit ?? 0) < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : [];
  return [...templateWarnings(template, [object, old]), ...claims, ...history];
}

export const statefulSetBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: true }),
  defaults,
  validate: createErrors,
  validateUpdate: (object, old) => [...specErrors(object), ...changeErrors(object, old)],
  warnings,
  nameCheck: (name, prefix = false) => nameIsDnsLabel(name, prefix),
  subresources: {
    status: {
      ...statusSubresource(),
      validateUpdate: (object, old) => [
        ...statusErrors(statefulSetOf(object).status ?? {}),
        ...collisionErrors(statefulSetOf(object).status?.collisionCount, statefulSetOf(old).status?.collisionCount),
      ],
    },
  },
  columns: [nameColumn, column('Ready', 'Number of ready pods and of desired pods.'), ageColumn, ...containerColumns],
  row(object, now) {
    const { spec = {}, status = {} } = statefulSetOf(object);
    return [
      object.metadata.name ?? '',
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      ageOf(object, now),
      ...containerCells(spec.template?.spec?.containers),
    ];
  },
};
