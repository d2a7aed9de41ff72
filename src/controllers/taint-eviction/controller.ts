/** Deletes pods from nodes with NoExecute taints that they do not (or no longer) tolerate. */
import { type PodCondition, type Node, type Pod, resources, type Taint } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
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
import { FirstSeen } from './first-seen.ts';
import { planEviction } from './reconcile.ts';

export function taintEvictionController(): Controller {
  // A taint without a time counts from when it was first seen on the node.
  const firstSeen = new FirstSeen();
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
/** Asked for each pod that changes: of the many nodes without such taints none is parsed. */
function isTainted({ spec }: Pod, { view }: ControllerPorts): boolean {
  const { nodeName = '' } = spec;
  if (nodeName === '') return false;
  const [node] = view.facts<Node>(resources.nodes, { field: { name: 'metadata.name', value: nodeName } });
  return node?.mentions('"NoExecute"') === true && executingTaints(node.object()).length > 0;
}

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
    return change.type === 'put' && pod.metadata.deletionTimestamp === undefined && isTainted(pod, ports)
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
  firstSeen: FirstSeen,
): Promise<ReconcileResult | undefined> {
  const { namespace, name } = splitKey(key);
  const pod = ports.view.get<Pod>(resources.pods, namespace, name);
  if (pod === undefined) return undefined;
  const node = nodeOf(pod, ports);
  const nodeName = node?.metadata.name ?? '';
  const taints = executingTaints(node);
  const now = ports.clock.now();
  firstSeen.keepOnly(nodeName, taints);
  const plan = planEviction(pod, taints, { now, since: (taint) => firstSeen.since(nodeName, taint, now) });
  if (plan.type === 'evict') await evict(pod, plan.conditions, ports);
  return plan.type === 'wait' ? { requeueAfterMs: plan.waitMs } : undefined;
}

async function evict(pod: Pod, conditions: readonly PodCondition[], ports: ControllerPorts): Promise<void> {
  ports.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`);
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions } };
  await unlessGone(
    ports.client.patch(refOf(resources.pods, pod), { type: 'strategic', body }, { subresource: 'status' }),
  );
  await deleteObject(ports, resources.pods, pod);
}
