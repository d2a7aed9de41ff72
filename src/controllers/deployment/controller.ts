/** Rolls the templates of Deployments out over their ReplicaSets. */
import {
  controllerOf,
  type Deployment,
  type DeploymentStatus,
  labelSelectorMatches,
  type Pod,
  type ReplicaSet,
  resources,
  timeText,
} from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  claim,
  type Controller,
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  isControlledBy,
  isNamespaceTerminating,
  isOf,
  isRefusal,
  keyOf,
  performClaims,
  type ReconcileResult,
  refOf,
  splitKey,
  stableText,
  withCondition,
} from '../runtime/index.ts';
import { annotations, replicasOf, sameTemplate, sizeAnnotations } from './deployment.ts';
import type { Action, Plan } from './plan.ts';
import { planDeployment } from './reconcile.ts';
import { planRollback, type Rollback } from './rollback.ts';
import { hasDeadline } from './status.ts';

const refusedRetryMs = 5_000;

/** Rolls a Deployment's template out over its ReplicaSets. */
export function deploymentController(): Controller {
  return {
    name: 'deployment-controller',
    resource: resources.deployments,
    watches: [resources.deployments, resources.replicaSets, resources.pods],
    keysFor,
    reconcile,
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.deployments)) return [keyOf(change.object)];
  if (isOf(change, resources.replicaSets)) return wokenBySet(change, ports);
  // A Recreate waits for the last old pod; others follow the sets' status.
  if (!isOf(change, resources.pods) || change.type !== 'delete') return [];
  const owner = controllerOf(change.object);
  if (owner?.kind !== 'ReplicaSet') return [];
  const set = ports.view.get(resources.replicaSets, change.object.metadata.namespace, owner.name);
  const deployment = set === undefined ? undefined : controllerOf(set);
  return deployment?.kind === 'Deployment' ? [`${change.object.metadata.namespace ?? ''}/${deployment.name}`] : [];
}

function wokenBySet(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  const keys = new Set<string>();
  for (const set of [change.object, ...(change.previous === undefined ? [] : [change.previous])]) {
    const owner = controllerOf(set);
    if (owner?.kind === 'Deployment') keys.add(`${set.metadata.namespace ?? ''}/${owner.name}`);
  }
  if (controllerOf(change.object) === undefined && change.type === 'put') {
    for (const deployment of ports.view.list<Deployment>(resources.deployments, change.object.metadata.namespace)) {
      if (labelSelectorMatches(deployment.spec.selector, change.object.metadata.labels)) keys.add(keyOf(deployment));
    }
  }
  return [...keys];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const deployment = ports.view.get<Deployment>(resources.deployments, namespace, name);
  if (deployment === undefined) return undefined;
  if (stableText(deployment.spec.selector) === '{}') return refuseSelectingAll(deployment, ports);
  const claims = claim(
    deployment,
    deployment.spec.selector,
    ports.view.list<ReplicaSet>(resources.replicaSets, namespace),
  );
  await performClaims(ports, resources.replicaSets, {
    owner: deployment,
    adopt: claims.adopt,
    release: claims.release,
  });
  if (claims.adopt.length > 0) return { requeueAfterMs: 1 };
  if (deployment.metadata.deletionTimestamp === undefined && deployment.spec.paused !== true) {
    const rollback = planRollback(deployment, claims.owned);
    if (rollback !== undefined) return rollBack(deployment, rollback, ports);
  }
  const pods =
    deployment.spec.strategy?.type === 'Recreate'
      ? claims.owned.flatMap((set) => ports.view.ownedBy<Pod>(resources.pods, set.metadata.uid))
      : [];
  const plan = planDeployment({ deployment, sets: claims.owned, pods, now: ports.clock.now() });
  for (const action of plan.actions) {
    const stopped = await perform(deployment, action, ports);
    if (stopped !== undefined) return stopped;
  }
  await report(deployment, plan, ports);
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
}

/** The change wakes the deployment again. */
async function rollBack(
  deployment: Deployment,
  { template, annotations: next, note }: Rollback,
  ports: ControllerPorts,
): Promise<undefined> {
  await ports.client.update(refOf(resources.deployments, deployment), {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: next },
    spec: { ...deployment.spec, template },
  });
  ports.event(deployment, note.type, note.reason, note.message);
}

async function refuseSelectingAll(deployment: Deployment, ports: ControllerPorts): Promise<undefined> {
  ports.event(
    deployment,
    'Warning',
    'SelectingAll',
    'This deployment is selecting all pods. A non-empty selector is required.',
  );
  if ((deployment.status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)) return undefined;
  await writeDeploymentStatus(
    deployment,
    { ...deployment.status, observedGeneration: deployment.metadata.generation ?? 0 },
    { ports },
  );
  return undefined;
}

/** Performs one action. Something to answer means: stop here and look again. */
async function perform(
  deployment: Deployment,
  action: Action,
  ports: ControllerPorts,
): Promise<ReconcileResult | undefined> {
  switch (action.type) {
    case 'create-set':
      return createSet(deployment, action.set, ports);
    case 'update-set': {
      const body = {
        metadata: { uid: action.set.metadata.uid, annotations: action.annotations },
        spec: { minReadySeconds: action.minReadySeconds },
      };
      await ports.client.patch(refOf(resources.replicaSets, action.set), { type: 'merge', body });
      return undefined;
    }
    case 'scale-set':
      await scaleSet(deployment, action, ports);
      return undefined;
    case 'delete-set':
      await deleteObject(ports, resources.replicaSets, action.set);
      return undefined;
  }
}

async function scaleSet(
  deployment: Deployment,
  action: Action & { readonly type: 'scale-set' },
  ports: ControllerPorts,
): Promise<void> {
  const before = replicasOf(action.set);
  const { uid, name } = action.set.metadata;
  const body = { metadata: { uid, annotations: sizeAnnotations(deployment) }, spec: { replicas: action.replicas } };
  await ports.client.patch(refOf(resources.replicaSets, action.set), { type: 'merge', body });
  if (before === action.replicas) return;
  const direction = before < action.replicas ? 'up' : 'down';
  ports.event(
    deployment,
    'Normal',
    'ScalingReplicaSet',
    `Scaled ${direction} replica set ${name} from ${String(before)} to ${String(action.replicas)}`,
  );
}

async function createSet(
  deployment: Deployment,
  set: ReplicaSet,
  ports: ControllerPorts,
): Promise<ReconcileResult | undefined> {
  try {
    await ports.client.create({ ...resources.replicaSets, namespace: deployment.metadata.namespace ?? '' }, set);
  } catch (error) {
    if (isNamespaceTerminating(error)) return {};
    if (isAlreadyExists(error)) return resolveCollision(deployment, set, ports);
    if (!isRefusal(error)) throw error;
    await reportCreateFailure(
      deployment,
      `Failed to create new replica set "${set.metadata.name}": ${errorMessage(error)}`,
      ports,
    );
    return { requeueAfterMs: refusedRetryMs };
  }
  if (replicasOf(set) > 0)
    ports.event(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled up replica set ${set.metadata.name} from 0 to ${String(replicasOf(set))}`,
    );
  return undefined;
}

/**
 * The name is taken: by the very set (made earlier: look again), or by another (its hash collides: count, and take
 * another name).
 */
async function resolveCollision(
  deployment: Deployment,
  set: ReplicaSet,
  ports: ControllerPorts,
): Promise<ReconcileResult> {
  const existing = await ports.client.get<ReplicaSet>({
    ...resources.replicaSets,
    namespace: deployment.metadata.namespace ?? '',
    name: set.metadata.name,
  });
  if (isControlledBy(existing, deployment) && sameTemplate(deployment, existing)) return { requeueAfterMs: 10 };
  await writeDeploymentStatus(
    deployment,
    { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 },
    { ports },
  );
  return { requeueAfterMs: 1 };
}

async function reportCreateFailure(deployment: Deployment, message: string, ports: ControllerPorts): Promise<void> {
  ports.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
  if (!hasDeadline(deployment)) return;
  const now = ports.clock.now();
  const conditions = withCondition(
    deployment.status?.conditions ?? [],
    { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message, lastUpdateTime: timeText(now) },
    now,
  );
  if (conditions !== deployment.status?.conditions)
    await writeDeploymentStatus(deployment, { ...deployment.status, conditions }, { ports });
}

async function report(deployment: Deployment, plan: Plan, ports: ControllerPorts): Promise<void> {
  const same = stableText(plan.status) === stableText(deployment.status ?? {});
  if (same && plan.revision === undefined) return;
  await writeDeploymentStatus(deployment, plan.status, {
    ports,
    revision: plan.revision,
  });
}

/** The revision annotation travels with the status: writing it with the spec would count the generation up. */
async function writeDeploymentStatus(
  deployment: Deployment,
  status: DeploymentStatus,
  options: { readonly ports: ControllerPorts; readonly revision?: string | undefined },
): Promise<void> {
  const metadata =
    options.revision === undefined
      ? deployment.metadata
      : {
          ...deployment.metadata,
          annotations: { ...deployment.metadata.annotations, [annotations.revision]: options.revision },
        };
  await options.ports.client.update(
    refOf(resources.deployments, deployment),
    { ...deployment, metadata, status },
    { subresource: 'status' },
  );
}
