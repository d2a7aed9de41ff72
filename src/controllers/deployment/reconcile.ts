/** Decides the next step of a Deployment. */
import {
  type Deployment,
  type DeploymentCondition,
  findCondition,
  isFinished,
  type Pod,
  type ReplicaSet,
  timeText,
} from '../../api/index.ts';
import { controllerReference, withCondition } from '../runtime/index.ts';
import { templateHash } from '../workload/index.ts';
import {
  annotations,
  byCreation,
  hashLabel,
  newSetAnnotations,
  newSetOf,
  replicasOf,
  revisionOf,
  sizeAnnotations,
} from './deployment.ts';
import type { Action, Plan } from './plan.ts';
import { newSetSize, scaleNewSet, scaleOldSets, scaleSets, type Sizes } from './rolling.ts';
import { countStatus, hasDeadline, isComplete, type Rollout, rolloutStatus } from './status.ts';

interface Observed {
  readonly deployment: Deployment;
  /** All sets that the deployment owns. */
  readonly sets: readonly ReplicaSet[];
  /** Pods of those sets (only a Recreate looks at them). */
  readonly pods: readonly Pod[];
  readonly now: number;
}

/**
 * The next step of a deployment. Each step leaves a state from which the next one follows, so it may stop after any of
 * them.
 */
export function planDeployment(observed: Observed): Plan {
  const { deployment, now } = observed;
  const sets = [...observed.sets].sort(byCreation);
  const newSet = newSetOf(deployment, sets);
  if (deployment.metadata.deletionTimestamp !== undefined) return statusOnly(observed, newSet);
  const conditions = pauseConditions(deployment, now);
  if (deployment.spec.paused === true || isScaling(deployment, sets))
    return planScale({ ...observed, sets }, newSet, conditions);
  if (deployment.spec.strategy?.type === 'Recreate') return planRecreate({ ...observed, sets }, newSet, conditions);
  return planRolling({ ...observed, sets }, newSet, conditions);
}

function statusOnly(observed: Observed, newSet: ReplicaSet | undefined): Plan {
  const conditions = observed.deployment.status?.conditions ?? [];
  return { actions: [], status: countStatus({ ...observed, newSet, conditions }) };
}

/** Whether a set still carries another size of the deployment than the one now wished. */
function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[annotations.desired];
    return replicasOf(set) > 0 && desired !== undefined && desired !== String(replicasOf(deployment));
  });
}

/** A paused deployment says so, and does not run into its deadline. */
function pauseConditions(deployment: Deployment, now: number): readonly DeploymentCondition[] {
  const conditions = deployment.status?.conditions ?? [];
  const current = findCondition(conditions, 'Progressing');
  if (!hasDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return conditions;
  const paused = deployment.spec.paused === true;
  const times = { lastUpdateTime: timeText(now) };
  if (paused && current?.reason !== 'DeploymentPaused')
    return withCondition(
      conditions,
      { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused', ...times },
      now,
    );
  if (!paused && current?.reason === 'DeploymentPaused')
    return withCondition(
      conditions,
      {
        type: 'Progressing',
        status: 'Unknown',
        reason: 'DeploymentResumed',
        message: 'Deployment is resumed',
        ...times,
      },
      now,
    );
  return conditions;
}

function planScale(
  observed: Observed,
  newSet: ReplicaSet | undefined,
  conditions: readonly DeploymentCondition[],
): Plan {
  const { deployment, sets } = observed;
  const known = newSet === undefined ? undefined : syncNewSet(observed, newSet, conditions);
  const actions = [
    ...(known?.actions ?? []),
    ...resize(sets, scaleSets(deployment, sets, newSet)),
    ...(deployment.spec.paused === true ? cleanUp(deployment, sets, newSet) : []),
  ];
  return {
    actions: withSizes(deployment, actions, sets),
    status: countStatus({ ...observed, newSet, conditions: known?.conditions ?? conditions }),
    ...revisionPart(deployment, known?.revision),
  };
}

function planRolling(observed: Observed, known: ReplicaSet | undefined, before: readonly DeploymentCondition[]): Plan {
  const { deployment } = observed;
  const { actions, newSet, revision, conditions } =
    known === undefined ? makeNewSet(observed, before) : syncNewSet(observed, known, before);
  const sets = known === undefined ? [...observed.sets, newSet] : observed.sets;
  const rollout: Rollout = { ...observed, sets, newSet, conditions };
  const grown = known === undefined ? new Map<string, number>() : scaleNewSet(deployment, sets, newSet);
  const sizes = grown.size > 0 || known === undefined ? grown : scaleOldSets(deployment, sets, newSet);
  return conclude(rollout, [...actions, ...resize(sets, sizes)], {
    revision,
    moving: sizes.size > 0 || known === undefined,
  });
}

/** All old pods end before the first new one begins. */
function planRecreate(observed: Observed, known: ReplicaSet | undefined, before: readonly DeploymentCondition[]): Plan {
  const old = observed.sets.filter((set) => set.metadata.name !== known?.metadata.name);
  const active = old.filter((set) => replicasOf(set) > 0);
  const synced = known === undefined ? undefined : syncNewSet(observed, known, before);
  const waiting: Rollout = { ...observed, newSet: known, conditions: synced?.conditions ?? before };
  const done = { revision: synced?.revision, moving: true };
  if (active.length > 0)
    return conclude(
      waiting,
      [...(synced?.actions ?? []), ...resize(active, new Map(active.map((set) => [set.metadata.name, 0])))],
      done,
    );
  if (oldPodsLeft(observed, old)) return conclude(waiting, synced?.actions ?? [], done);
  if (known === undefined) {
    const made = makeNewSet(observed, before);
    return conclude(
      { ...observed, sets: [...observed.sets, made.newSet], newSet: made.newSet, conditions: made.conditions },
      made.actions,
      { revision: made.revision, moving: true },
    );
  }
  const sizes = scaleNewSet(observed.deployment, observed.sets, known);
  return conclude(waiting, [...(synced?.actions ?? []), ...resize(observed.sets, sizes)], {
    revision: synced?.revision,
    moving: sizes.size > 0,
  });
}

function oldPodsLeft(observed: Observed, old: readonly ReplicaSet[]): boolean {
  const uids = new Set(old.map((set) => set.metadata.uid));
  return observed.pods.some(
    (pod) => !isFinished(pod) && (pod.metadata.ownerReferences ?? []).some((reference) => uids.has(reference.uid)),
  );
}

function conclude(
  rollout: Rollout,
  actions: readonly Action[],
  step: { readonly revision: bigint | undefined; readonly moving: boolean },
): Plan {
  const { deployment, sets, newSet } = rollout;
  const { status, requeueAfterMs } = rolloutStatus(rollout);
  const over = !step.moving && isComplete(deployment, deployment.status ?? {}) ? cleanUp(deployment, sets, newSet) : [];
  return {
    actions: withSizes(deployment, [...actions, ...over], sets),
    status,
    ...revisionPart(deployment, step.revision),
    requeueAfterMs,
  };
}

interface NewSetStep {
  readonly actions: readonly Action[];
  readonly newSet: ReplicaSet;
  readonly revision: bigint;
  readonly conditions: readonly DeploymentCondition[];
}

const maxRevision = (sets: readonly ReplicaSet[]): bigint =>
  sets.reduce((most, set) => (revisionOf(set) > most ? revisionOf(set) : most), 0n);

/** Brings the new set's annotations up to date: its revision is one more than that of all others. */
function syncNewSet(observed: Observed, newSet: ReplicaSet, conditions: readonly DeploymentCondition[]): NewSetStep {
  const { deployment, now } = observed;
  const others = maxRevision(observed.sets.filter((set) => set.metadata.name !== newSet.metadata.name));
  const current = newSet.metadata.annotations ?? {};
  const next = newSetAnnotations(deployment, current, others + 1n);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const changed =
    Object.entries(next).some(([name, value]) => current[name] !== value) ||
    (newSet.spec.minReadySeconds ?? 0) !== minReadySeconds;
  const found = hasDeadline(deployment) && findCondition(conditions, 'Progressing') === undefined;
  return {
    actions: changed ? [{ type: 'update-set', set: newSet, annotations: next, minReadySeconds }] : [],
    newSet,
    revision: BigInt(next[annotations.revision] ?? '1'),
    conditions: found
      ? withCondition(
          conditions,
          {
            type: 'Progressing',
            status: 'True',
            reason: 'FoundNewReplicaSet',
            message: `Found new replica set "${newSet.metadata.name}"`,
            lastUpdateTime: timeText(now),
          },
          now,
        )
      : conditions,
  };
}

/**
 * A new set for a template that no set has yet; its name follows from the template, so that making it twice is
 * harmless.
 */
function makeNewSet(observed: Observed, conditions: readonly DeploymentCondition[]): NewSetStep {
  const { deployment, sets, now } = observed;
  const { template, selector } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const revision = maxRevision(sets) + 1n;
  const name = `${deployment.metadata.name}-${hash}`;
  const replicas = newSetSize(deployment, sets, undefined);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const newSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...newSetAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds: deployment.spec.minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  } as unknown as ReplicaSet;
  const times = { lastUpdateTime: timeText(now) };
  return {
    actions: [{ type: 'create-set', set: newSet }],
    newSet,
    revision,
    conditions: hasDeadline(deployment)
      ? withCondition(
          conditions,
          {
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetCreated',
            message: `Created new replica set "${name}"`,
            ...times,
          },
          now,
        )
      : conditions,
  };
}

function resize(sets: readonly ReplicaSet[], sizes: Sizes): readonly Action[] {
  return sets.flatMap((set): Action[] => {
    const replicas = sizes.get(set.metadata.name);
    return replicas === undefined ? [] : [{ type: 'scale-set', set, replicas }];
  });
}

/** Sets whose recorded size of the deployment is old are written too, even when they keep their size. */
function withSizes(deployment: Deployment, actions: readonly Action[], sets: readonly ReplicaSet[]): readonly Action[] {
  const touched = new Set(
    actions
      .filter((action) => action.type === 'scale-set' || action.type === 'delete-set')
      .map((action) => action.set.metadata.name),
  );
  const wanted = sizeAnnotations(deployment);
  const stale = sets.filter(
    (set) =>
      replicasOf(set) > 0 &&
      !touched.has(set.metadata.name) &&
      set.metadata.uid !== undefined &&
      Object.entries(wanted).some(([name, value]) => set.metadata.annotations?.[name] !== value),
  );
  const noted = isScaling(deployment, sets)
    ? stale.map((set): Action => ({ type: 'scale-set', set, replicas: replicasOf(set) }))
    : [];
  return [...actions, ...noted];
}

/** Old empty sets beyond the history limit, the oldest revisions first. */
function cleanUp(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): readonly Action[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined || limit === 2_147_483_647) return [];
  const old = sets.filter(
    (set) => set.metadata.name !== newSet?.metadata.name && set.metadata.deletionTimestamp === undefined,
  );
  const surplus = old.length - limit;
  if (surplus <= 0) return [];
  const ordered = [...old].sort((a, b) =>
    revisionOf(a) < revisionOf(b) ? -1 : revisionOf(a) > revisionOf(b) ? 1 : byCreation(a, b),
  );
  return ordered
    .slice(0, surplus)
    .filter(
      (set) =>
        (set.status?.replicas ?? 0) === 0 &&
        replicasOf(set) === 0 &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    )
    .map((set): Action => ({ type: 'delete-set', set }));
}

function revisionPart(deployment: Deployment, revision: bigint | undefined): { readonly revision?: string } {
  if (revision === undefined || deployment.metadata.annotations?.[annotations.revision] === String(revision)) return {};
  return { revision: String(revision) };
}
