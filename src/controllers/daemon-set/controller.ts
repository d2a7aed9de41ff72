/** Runs a pod of each DaemonSet on every node that it fits. */
import {
  controllerOf,
  type ControllerRevision,
  type DaemonSet,
  isActive,
  labelSelectorMatches,
  type Node,
  type Pod,
  resources,
} from '../../api/index.ts';
import { errorMessage, restMsAfter } from '../../base/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  controllerKeys,
  type ControllerPorts,
  isNamespaceTerminating,
  isOf,
  isRefusal,
  keyOf,
  type ReconcileResult,
  performAll,
  slowStart,
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
  removePod,
  syncRevision,
} from '../workload/index.ts';
import { podForNode, revisionLabel, targetOf } from './daemon-set.ts';
import { type Observed, type Plan, planDaemons, statusOf } from './reconcile.ts';

const style = { hashLabel: revisionLabel };
const refusedRetryMs = 5_000;
/** A daemon that ends again and again is replaced with growing pauses. */
const endedPauseMs = 1_000;
const endedPauseMsMax = 15 * 60_000;

type Pauses = Map<string, { readonly until: number; readonly pauseMs: number }>;

interface Memory {
  readonly pauses: Pauses;
  readonly orphans: OrphanPods;
}

/** Keeps one pod of each DaemonSet on every node that suits it. */
export function daemonSetController(): Controller {
  const memory: Memory = { pauses: new Map(), orphans: new OrphanPods() };
  return {
    name: 'daemonset-controller',
    resource: resources.daemonSets,
    watches: [resources.daemonSets, resources.nodes, resources.pods],
    reset: () => {
      memory.orphans.reset();
    },
    keysFor: (change, ports) => {
      memory.orphans.note(change);
      return keysFor(change, ports);
    },
    reconcile: (key, ports) => reconcile(key, ports, memory),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.daemonSets)) return [keyOf(change.object)];
  if (isOf(change, resources.nodes))
    return nodeMatters(change as ObjectChange<Node>) ? ports.view.list<DaemonSet>(resources.daemonSets).map(keyOf) : [];
  if (!isOf(change, resources.pods)) return [];
  const keys = controllerKeys(change, 'DaemonSet');
  if (change.type === 'put' && change.previous === undefined && controllerOf(change.object) === undefined) {
    for (const set of ports.view.list<DaemonSet>(resources.daemonSets, change.object.metadata.namespace))
      if (labelSelectorMatches(set.spec.selector, change.object.metadata.labels)) keys.add(keyOf(set));
  }
  return [...keys];
}

function nodeMatters(change: ObjectChange<Node>): boolean {
  if (change.type === 'delete' || change.previous === undefined) return true;
  const facts = (node: Node): string => stableText([node.metadata.labels, node.spec?.taints]);
  return facts(change.object) !== facts(change.previous);
}

async function reconcile(key: string, ports: ControllerPorts, memory: Memory): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const set = ports.view.get<DaemonSet>(resources.daemonSets, namespace, name);
  if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
  if (stableText(set.spec.selector) === '{}') {
    ports.event(
      set,
      'Warning',
      'SelectingAll',
      'This daemon set is selecting all pods. A non-empty selector is required.',
    );
    return undefined;
  }
  const pods = await ownedPods(set, { selector: set.spec.selector, orphans: memory.orphans, adopts: isActive }, ports);
  const revisions = await ownedRevisions(set, ports);
  const current = await syncRevision(set, revisions, { style, ports });
  if (current.type === 'collision') {
    await writeStatus(ports, resources.daemonSets, set, {
      ...set.status,
      collisionCount: (set.status?.collisionCount ?? 0) + 1,
    });
    return { requeueAfterMs: 1 };
  }
  const hash = current.revision.metadata.labels?.[revisionLabel] ?? '';
  const observed: Observed = { set, nodes: ports.view.list<Node>(resources.nodes), pods, hash, now: ports.clock.now() };
  const plan = planDaemons(observed);
  const waitMs = await perform(observed, plan, { ports, pauses: memory.pauses });
  const isSettled = plan.create.length + plan.remove.length === 0;
  await report(key, observed, { ports, isSettled });
  const inUse = (revision: ControllerRevision): boolean =>
    revision.metadata.name === current.revision.metadata.name ||
    pods.some((pod) => pod.metadata.labels?.[revisionLabel] === revision.metadata.labels?.[revisionLabel]);
  await pruneRevisions(set, revisions, { inUse, ports });
  const requeueAfterMs = waitMs ?? availableAfterMs(pods, set.spec.minReadySeconds ?? 0, observed.now);
  return { requeueAfterMs, restMs: restMsAfter(observed.nodes.length + pods.length) };
}

/** Resolves with the ms after which to reconcile again, when something must wait. */
async function perform(
  observed: Observed,
  plan: Plan,
  options: { readonly ports: ControllerPorts; readonly pauses: Pauses },
): Promise<number | undefined> {
  const { set } = observed;
  const { ports } = options;
  const waits: number[] = [];
  const remove = plan.remove.filter((pod) => {
    const waitMs = plan.ended.includes(pod) ? pauseBefore(set, pod, { now: observed.now, pauses: options.pauses }) : 0;
    if (waitMs > 0) waits.push(waitMs);
    return waitMs === 0;
  });
  await performAll(
    remove.map(async (pod) => {
      if (plan.ended.includes(pod)) reportEnded(set, pod, ports);
      if (!(await removePod(set, pod, ports))) waits.push(refusedRetryMs);
    }),
  );
  const { failure } = await slowStart(plan.create.length, async (index) => {
    const body = podForNode(set, plan.create[index] ?? '', observed.hash);
    const pod = await ports.client.create<Pod>({ ...resources.pods, namespace: set.metadata.namespace ?? '' }, body);
    ports.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.name}`);
  });
  if (failure !== undefined && !isNamespaceTerminating(failure)) {
    ports.event(set, 'Warning', 'FailedCreate', `Error creating: ${errorMessage(failure)}`);
    if (!isRefusal(failure)) throw failure;
    waits.push(refusedRetryMs);
  }
  return waits.length === 0 ? undefined : waits.reduce((least, wait) => Math.min(least, wait));
}

function reportEnded(set: DaemonSet, pod: Pod, ports: ControllerPorts): void {
  const [reason, word] =
    pod.status?.phase === 'Failed' ? ['FailedDaemonPod', 'failed'] : ['SucceededDaemonPod', 'succeeded'];
  ports.event(
    set,
    pod.status?.phase === 'Failed' ? 'Warning' : 'Normal',
    reason,
    `Found ${word} daemon pod ${keyOf(pod)} on node ${pod.spec.nodeName ?? ''}, will try to ` +
      `${word === 'failed' ? 'kill' : 'delete'} it`,
  );
}

/** How long an ended pod stays, so that a daemon that cannot run does not spin. */
function pauseBefore(set: DaemonSet, pod: Pod, options: { readonly now: number; readonly pauses: Pauses }): number {
  const { now, pauses } = options;
  const key = `${set.metadata.uid}/${targetOf(pod) ?? ''}`;
  const known = pauses.get(key);
  if (known !== undefined && known.until > now) return known.until - now;
  const recent = known !== undefined && now - known.until < 2 * endedPauseMsMax;
  const pauseMs = recent ? Math.min(known.pauseMs * 2, endedPauseMsMax) : endedPauseMs;
  pauses.set(key, { until: now + pauseMs, pauseMs });
  return 0;
}

/** `isSettled`: nothing was written, so that the pods are still those that were observed. */
async function report(
  key: string,
  observed: Observed,
  { ports, isSettled }: { readonly ports: ControllerPorts; readonly isSettled: boolean },
): Promise<void> {
  const { namespace, name } = splitKey(key);
  const set = ports.view.get<DaemonSet>(resources.daemonSets, namespace, name);
  if (set === undefined) return;
  const pods = isSettled
    ? observed.pods
    : ports.view
        .ownedBy<Pod>(resources.pods, set.metadata.uid)
        .filter((pod) => labelSelectorMatches(set.spec.selector, pod.metadata.labels));
  const status = statusOf({ ...observed, set, pods }, set.status?.collisionCount);
  if (stableText(status) !== stableText(set.status ?? {})) await writeStatus(ports, resources.daemonSets, set, status);
}
