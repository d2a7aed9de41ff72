/** Decides which pods nobody else will delete. */
import {
  isNodeReady,
  type Node,
  parseTime,
  type Pod,
  type PodCondition,
  setCondition,
  timeText,
} from '../../api/index.ts';
import type { ObjectFacts } from '../../resources/index.ts';

interface Observed {
  /** All pods; few of them are parsed. */
  readonly pods: readonly ObjectFacts<Pod>[];
  /** Nodes that have been missing for long enough. */
  readonly lostNodes: ReadonlySet<string>;
  /** Nodes that are not ready and that an operator has declared out of service. */
  readonly deadNodes: ReadonlySet<string>;
  /** Ended pods that are kept in all; the oldest beyond go. */
  readonly endedPodsMax: number;
}

interface Plan {
  /** Pods of lost nodes: they say why they failed, and go. */
  readonly lost: readonly Pod[];
  /** Terminating pods that nobody ends, on dead nodes or without a node: they have failed, and go. */
  readonly stuck: readonly Pod[];
  /** Ended pods beyond the number. */
  readonly remove: readonly Pod[];
}

export const nodeOf = (pod: ObjectFacts): string => pod.index.fields['spec.nodeName'] ?? '';
const endedPhases: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

export function planSweep({ pods, lostNodes, deadNodes, endedPodsMax }: Observed): Plan {
  const ended = pods
    .filter((pod) => endedPhases.has(pod.index.fields['status.phase'] ?? ''))
    .map((pod) => pod.object())
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((a, b) => (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0));
  const isStuck = (pod: ObjectFacts<Pod>): boolean =>
    !lostNodes.has(nodeOf(pod)) && (nodeOf(pod) === '' || deadNodes.has(nodeOf(pod))) && isTerminating(pod);
  return {
    lost: pods.filter((pod) => lostNodes.has(nodeOf(pod))).map((pod) => pod.object()),
    stuck: pods.filter(isStuck).map((pod) => pod.object()),
    remove: ended.slice(0, Math.max(0, ended.length - endedPodsMax)),
  };
}

export const outOfServiceTaint = 'node.kubernetes.io/out-of-service';

/** Whether nobody on the node will end the pod: it does not answer, and an operator says that it is off for good. */
export function isOutOfService(node: Node): boolean {
  return !isNodeReady(node) && node.spec.taints?.some(({ key }) => key === outOfServiceTaint) === true;
}

/** Few pods are terminating: only those that mention it are parsed. */
const isTerminating = (pod: ObjectFacts<Pod>): boolean =>
  pod.mentions('"deletionTimestamp"') && pod.object().metadata.deletionTimestamp !== undefined;

/** The conditions that a pod of a lost node reports before it goes. */
export function lostConditions(pod: Pod, now: number): readonly PodCondition[] {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  };
  const conditions = setCondition(pod.status?.conditions, condition, timeText(now));
  return conditions.filter((entry) => entry.type === condition.type);
}

/** Since when each node is missing (monotonic ms): those that are back are forgotten. */
export function missingSince(
  before: ReadonlyMap<string, number>,
  missing: ReadonlySet<string>,
  now: number,
): ReadonlyMap<string, number> {
  return new Map([...missing].map((node) => [node, before.get(node) ?? now]));
}
