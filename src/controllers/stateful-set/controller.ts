/** Keeps the pods of StatefulSets, each with its name and its claims. */
import {
  controllerOf,
  type ControllerRevision,
  labelSelectorMatches,
  type Pod,
  resources,
  type StatefulSet,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  controllerKeys,
  type ControllerPorts,
  isOf,
  keyOf,
  type ReconcileResult,
  performAll,
  splitKey,
  stableText,
  writeStatus,
} from '../runtime/index.ts';
import {
  availableAfterMs,
  OrphanPods,
  ownedPods,
  ownedRevisions,
  pruneRevisions,
  syncRevision,
  templateOf,
} from '../workload/index.ts';
import { createPod, maintainPod, removePod } from './pod-writes.ts';
import { type Observed, planStatefulSet, statusOf } from './reconcile.ts';
import { ordinalOf, revisionLabel } from './stateful-set.ts';

const style = { hashLabel: 'controller.kubernetes.io/hash' };
const waitingRetryMs = 2_000;

/** Gives each replica of a StatefulSet a lasting identity, and changes them one after the other. */
export function statefulSetController(): Controller {
  const orphans = new OrphanPods();
  return {
    name: 'statefulset-controller',
    resource: resources.statefulSets,
    watches: [resources.statefulSets, resources.pods, resources.persistentVolumeClaims],
    reset: () => {
      orphans.reset();
    },
    keysFor: (change, ports) => {
      orphans.note(change);
      return keysFor(change, ports);
    },
    reconcile: (key, ports) => reconcile(key, ports, orphans),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.statefulSets)) return [keyOf(change.object)];
  if (isOf(change, resources.persistentVolumeClaims)) return setsOfLostClaim(change, ports);
  if (!isOf(change, resources.pods)) return [];
  const keys = controllerKeys(change, 'StatefulSet');
  if (change.type === 'put' && controllerOf(change.object) === undefined) {
    for (const set of ports.view.list<StatefulSet>(resources.statefulSets, change.object.metadata.namespace)) {
      if (
        ordinalOf(set, change.object as Pod) !== undefined &&
        labelSelectorMatches(set.spec.selector, change.object.metadata.labels)
      )
        keys.add(keyOf(set));
    }
  }
  return [...keys];
}

/** A claim that went may be one that a pod still waits for. */
function setsOfLostClaim({ type, object }: ObjectChange, { view }: ControllerPorts): readonly string[] {
  if (type !== 'delete') return [];
  const { name = '', namespace } = object.metadata;
  return view
    .list<StatefulSet>(resources.statefulSets, namespace)
    .filter(({ metadata, spec }) =>
      (spec.volumeClaimTemplates ?? []).some((claim) => name.startsWith(`${claim.metadata.name}-${metadata.name}-`)),
    )
    .map(keyOf);
}

async function reconcile(
  key: string,
  ports: ControllerPorts,
  orphans: OrphanPods,
): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const set = ports.view.get<StatefulSet>(resources.statefulSets, namespace, name);
  if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
  const pods = await ownedPods(
    set,
    { selector: set.spec.selector, orphans, adopts: (pod) => ordinalOf(set, pod) !== undefined },
    ports,
  );
  const revisions = await ownedRevisions(set, ports);
  const update = await syncRevision(set, revisions, { style, ports });
  if (update.type === 'collision') {
    await writeStatus(ports, resources.statefulSets, set, {
      ...set.status,
      collisionCount: (set.status?.collisionCount ?? 0) + 1,
    });
    return { requeueAfterMs: 1 };
  }
  const current =
    revisions.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update.revision;
  const observed: Observed = {
    set,
    pods,
    currentRevision: current.metadata.name,
    updateRevision: update.revision.metadata.name,
    now: ports.clock.now(),
  };
  const waiting = await perform(observed, [current, update.revision], ports);
  await report(key, observed, ports);
  const inUse = (revision: ControllerRevision): boolean =>
    revision.metadata.name === observed.currentRevision ||
    revision.metadata.name === observed.updateRevision ||
    pods.some((pod) => pod.metadata.labels?.[revisionLabel] === revision.metadata.name);
  await pruneRevisions(set, revisions, { inUse, ports });
  const requeueAfterMs = waiting ? waitingRetryMs : availableAfterMs(pods, set.spec.minReadySeconds ?? 0, observed.now);
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
}

/** True when a pod could not be made or removed yet. */
async function perform(
  observed: Observed,
  revisions: readonly ControllerRevision[],
  ports: ControllerPorts,
): Promise<boolean> {
  const plan = planStatefulSet(observed);
  const { set } = observed;
  await performAll(plan.maintain.map((pod) => maintainPod(set, pod, ports)));
  let waiting = false;
  await performAll(
    plan.remove.map(async (pod) => {
      if (await removePod(set, pod, ports)) waiting = true;
    }),
  );
  for (const { ordinal, revision } of plan.create) {
    const template = revisions.find((known) => known.metadata.name === revision);
    const from = template === undefined ? undefined : templateOf(template);
    waiting =
      (await createPod(set, ordinal, { template: from ?? set.spec.template, revision, ports })) === 'waiting' ||
      waiting;
  }
  return waiting;
}

/** Writes the status from a fresh look: it includes what this reconciliation did. */
async function report(key: string, observed: Observed, ports: ControllerPorts): Promise<void> {
  const { namespace, name } = splitKey(key);
  const set = ports.view.get<StatefulSet>(resources.statefulSets, namespace, name);
  if (set === undefined) return;
  const pods = ports.view
    .ownedBy<Pod>(resources.pods, set.metadata.uid)
    .filter((pod) => labelSelectorMatches(set.spec.selector, pod.metadata.labels));
  const status = statusOf({ ...observed, set, pods }, set.status?.collisionCount ?? 0);
  if (stableText(status) !== stableText(set.status ?? {}))
    await writeStatus(ports, resources.statefulSets, set, status);
}
