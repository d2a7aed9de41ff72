/** Keeps the number of pods of ReplicaSets and ReplicationControllers. */
import {
  controllerOf,
  type GroupResource,
  isActive,
  type KubeObject,
  type LabelSelector,
  labelSelectorMatches,
  type Pod,
  type ReplicaSet,
  resources,
} from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  claim,
  type Controller,
  controllerKeys,
  type ControllerPorts,
  isNamespaceTerminating,
  isNotFound,
  isOf,
  isRefusal,
  keyOf,
  performClaims,
  type ReconcileResult,
  refOf,
  slowStart,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import { availableAfterMs, OrphanPods, podFromTemplate } from '../workload/index.ts';
import { type Plan, planReplicas, type ReplicaFailure, statusOf } from './reconcile.ts';

/** A refused creation (quota, policy) is tried again after this long. */
const refusedRetryMs = 5_000;

interface Variant {
  readonly name: string;
  readonly kind: string;
  readonly resource: GroupResource;
  selectorOf(set: ReplicaSet): LabelSelector;
}

const variants: Readonly<Record<'replicaSet' | 'replicationController', Variant>> = {
  replicaSet: {
    name: 'replicaset-controller',
    kind: 'ReplicaSet',
    resource: resources.replicaSets,
    selectorOf: (set) => set.spec.selector ?? {},
  },
  replicationController: {
    name: 'replication-controller',
    kind: 'ReplicationController',
    resource: resources.replicationControllers,
    selectorOf: (set) => ({ matchLabels: (set.spec.selector ?? {}) as Readonly<Record<string, string>> }),
  },
};

/** Keeps the number of pods of each ReplicaSet. */
export const replicaSetController = (): Controller => controllerOfVariant(variants.replicaSet);
/** Keeps the number of pods of each ReplicationController: the same, but for how its selector is written. */
export const replicationController = (): Controller => controllerOfVariant(variants.replicationController);

function controllerOfVariant(variant: Variant): Controller {
  const orphans = new OrphanPods();
  return {
    name: variant.name,
    resource: variant.resource,
    watches: [variant.resource, resources.pods],
    reset: () => {
      orphans.reset();
    },
    keysFor: (change, ports) => {
      orphans.note(change);
      return keysFor(variant, change, ports);
    },
    reconcile: (key, ports) => reconcile(variant, key, { ports, orphans }),
  };
}

function keysFor(variant: Variant, change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, variant.resource)) return [keyOf(change.object)];
  if (!isOf(change, resources.pods)) return [];
  const keys = controllerKeys(change, variant.kind);
  if (controllerOf(change.object) === undefined && change.type === 'put' && labelsOrOwnerChanged(change)) {
    for (const set of ports.view.list<ReplicaSet>(variant.resource, change.object.metadata.namespace)) {
      if (labelSelectorMatches(variant.selectorOf(set), change.object.metadata.labels)) keys.add(keyOf(set));
    }
  }
  return [...keys];
}

function labelsOrOwnerChanged(change: ObjectChange): boolean {
  if (change.previous === undefined) return true;
  if (controllerOf(change.previous) !== undefined) return true;
  return stableText(change.previous.metadata.labels) !== stableText(change.object.metadata.labels);
}

/** The pods that could concern a set: its own, and orphans that match it. */
function candidates(variant: Variant, set: ReplicaSet, world: World): readonly Pod[] {
  const owned = world.ports.view.ownedBy<Pod>(resources.pods, set.metadata.uid);
  const orphans = world.orphans
    .list(world.ports.view, set.metadata.namespace)
    .filter((pod) => isActive(pod) && labelSelectorMatches(variant.selectorOf(set), pod.metadata.labels));
  return [...owned, ...orphans];
}

/** Active pods of all sets that share the set's owner. */
function relatedPods(variant: Variant, set: ReplicaSet, ports: ControllerPorts): readonly Pod[] {
  const owner = controllerOf(set);
  const sets: readonly KubeObject[] = owner === undefined ? [set] : ports.view.ownedBy(variant.resource, owner.uid);
  return sets
    .flatMap((sibling) => ports.view.ownedBy<Pod>(resources.pods, sibling.metadata.uid ?? ''))
    .filter(isActive);
}

interface World {
  readonly ports: ControllerPorts;
  readonly orphans: OrphanPods;
}

async function reconcile(variant: Variant, key: string, world: World): Promise<ReconcileResult | undefined> {
  const { ports } = world;
  const { namespace, name } = splitKey(key);
  const set = ports.view.get<ReplicaSet>(variant.resource, namespace, name);
  if (set === undefined) return undefined;
  const claims = claim(set, variant.selectorOf(set), candidates(variant, set, world));
  await performClaims(ports, resources.pods, {
    owner: set,
    adopt: claims.adopt.filter(isActive),
    release: claims.release,
  });
  const pods = [...claims.owned, ...claims.adopt].filter(isActive);
  const now = ports.clock.now();
  const related = pods.length > (set.spec.replicas ?? 1) ? relatedPods(variant, set, ports) : [];
  const plan = planReplicas({ set, pods, related, now });
  const failure = await perform(set, plan, ports);
  return report(variant, key, { failure, ports });
}

/** Writes the status from a fresh look: it includes what this reconciliation did. */
async function report(
  variant: Variant,
  key: string,
  outcome: { readonly failure: ReplicaFailure | undefined; readonly ports: ControllerPorts },
): Promise<ReconcileResult | undefined> {
  const { failure, ports } = outcome;
  const { namespace, name } = splitKey(key);
  const set = ports.view.get<ReplicaSet>(variant.resource, namespace, name);
  if (set === undefined) return undefined;
  const pods = ports.view
    .ownedBy<Pod>(resources.pods, set.metadata.uid)
    .filter((pod) => isActive(pod) && controllerOf(pod)?.uid === set.metadata.uid);
  const now = ports.clock.now();
  const status = statusOf({ set, pods, related: [], now }, failure);
  if (stableText(status) !== stableText(set.status ?? {})) await writeStatus(ports, variant.resource, set, status);
  const requeueAfterMs =
    failure === undefined ? availableAfterMs(pods, set.spec.minReadySeconds ?? 0, now) : refusedRetryMs;
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
}

async function perform(set: ReplicaSet, plan: Plan, ports: ControllerPorts): Promise<ReplicaFailure | undefined> {
  if (plan.create > 0) return createPods(set, plan.create, ports);
  const results = await Promise.allSettled(plan.remove.map((pod) => removePod(set, pod, ports)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return undefined;
  if (!isRefusal(failed.reason)) throw failed.reason;
  return { reason: 'FailedDelete', message: errorMessage(failed.reason) };
}

async function createPods(set: ReplicaSet, count: number, ports: ControllerPorts): Promise<ReplicaFailure | undefined> {
  const template = podFromTemplate(set, set.spec.template);
  const { failure } = await slowStart(count, async () => {
    const pod = await ports.client.create<Pod>(
      { ...resources.pods, namespace: set.metadata.namespace ?? '' },
      template,
    );
    ports.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.name}`);
  });
  if (failure === undefined || isNamespaceTerminating(failure)) return undefined;
  if (!isRefusal(failure)) throw failure;
  ports.event(set, 'Warning', 'FailedCreate', `Error creating: ${errorMessage(failure)}`);
  return { reason: 'FailedCreate', message: errorMessage(failure) };
}

async function removePod(set: ReplicaSet, pod: Pod, ports: ControllerPorts): Promise<void> {
  try {
    await ports.client.delete(refOf(resources.pods, pod), { uid: pod.metadata.uid });
    ports.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  } catch (error) {
    if (isNotFound(error)) return;
    ports.event(set, 'Warning', 'FailedDelete', `Error deleting: ${errorMessage(error)}`);
    throw error;
  }
}
