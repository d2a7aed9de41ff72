import type { ObjectChange } from '../../resources/index.ts';
import { withMetaCondition } from '../conditions.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  keyOfFacts,
  type ReconcileResult,
  refOf,
  splitKey,
  stableText,
  unlessGone,
} from '../runtime/index.ts';
import { isFinished } from '../workload/index.ts';
import { type Node, type Pod, resources, type Taint } from '../objects.ts';
import { evictionTime } from './reconcile.ts';

/** Deletes pods from nodes with NoExecute taints that they do not (or no longer) tolerate. */
export function taintEvictionController(): Controller {
  // A taint without a time counts from when it was first seen on the node.
  const firstSeen = new Map<string, number>();
  return {
    name: 'taint-eviction-controller',
    resource: resources.pods,
    watches: [resources.pods, resources.nodes],
    reset: () => {
      firstSeen.clear();
    },
    initialKeys: (ports) =>
      podsOf(
        ports.view.list<Node>(resources.nodes).filter((node) => executingTaints(node).length > 0),
        ports,
      ),
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, firstSeen),
  };
}

const nodeOf = (pod: Pod, ports: ControllerPorts): Node | undefined =>
  pod.spec.nodeName === undefined || pod.spec.nodeName === ''
    ? undefined
    : ports.view.get<Node>(resources.nodes, undefined, pod.spec.nodeName);
const executingTaints = (node: Node | undefined): readonly Taint[] =>
  (node?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute');

/** The keys of the pods on some nodes. */
const podsOf = (nodes: readonly Node[], ports: ControllerPorts): readonly string[] =>
  nodes.flatMap((node) =>
    ports.view.facts(resources.pods, { field: { name: 'spec.nodeName', value: node.metadata.name } }).map(keyOfFacts),
  );

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.pods)) {
    const pod = change.object as Pod;
    return change.type === 'put' &&
      pod.metadata.deletionTimestamp === undefined &&
      executingTaints(nodeOf(pod, ports)).length > 0
      ? [keyOf(pod)]
      : [];
  }
  if (!isOf(change, resources.nodes) || change.type === 'delete') return [];
  const { object, previous } = change as ObjectChange<Node>;
  if (executingTaints(object).length === 0 && executingTaints(previous).length === 0) return [];
  if (stableText(executingTaints(object)) === stableText(executingTaints(previous))) return [];
  return podsOf([object], ports);
}

async function reconcile(
  key: string,
  ports: ControllerPorts,
  firstSeen: Map<string, number>,
): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const pod = ports.view.get<Pod>(resources.pods, namespace, name);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return undefined;
  const node = nodeOf(pod, ports);
  const taints = executingTaints(node);
  const now = ports.clock.now();
  forgetLifted(firstSeen, node, taints);
  const since = (taint: Taint): number => {
    const seenKey = `${node?.metadata.name ?? ''}|${taint.key}`;
    const at = firstSeen.get(seenKey) ?? now;
    firstSeen.set(seenKey, at);
    return at;
  };
  const at = evictionTime(pod, taints, { now, since });
  if (at === undefined) return undefined;
  if (at > now) return { requeueAfterMs: at - now };
  await evict(pod, ports);
  return undefined;
}

function forgetLifted(firstSeen: Map<string, number>, node: Node | undefined, taints: readonly Taint[]): void {
  const prefix = `${node?.metadata.name ?? ''}|`;
  for (const seenKey of firstSeen.keys()) {
    if (seenKey.startsWith(prefix) && !taints.some((taint) => `${prefix}${taint.key}` === seenKey))
      firstSeen.delete(seenKey);
  }
}

async function evict(pod: Pod, ports: ControllerPorts): Promise<void> {
  ports.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const conditions = withMetaCondition(pod.status?.conditions ?? [], condition, ports.clock.now());
  await unlessGone(
    ports.client.patch(
      refOf(resources.pods, pod),
      {
        type: 'strategic',
        body: {
          metadata: { uid: pod.metadata.uid },
          status: { conditions: conditions.filter((entry) => entry.type === condition.type) },
        },
      },
      { subresource: 'status' },
    ),
  );
  await deleteObject(ports, resources.pods, pod);
}
