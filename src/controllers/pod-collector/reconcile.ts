/** Decides which pods nobody else will delete. */
import {
  isFinished,
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
  /** Pods of lost nodes, and terminating ones of dead nodes: they fail, and go. */
  readonly lost: readonly Pod[];
  /** Pods that go at once: terminating ones without a node, then ended ones beyond the number. */
  readonly remove: readonly Pod[];
}

export const nodeOf = (pod: ObjectFacts): string => pod.index.fields['spec.nodeName'] ?? '';
const endedPhases: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

export function planSweep({ pods, lostNodes, deadNodes, endedPodsMax }: Observed): Plan {
  const unplaced = pods.filter((pod) => nodeOf(pod) === '' && isTerminating(pod)).map((pod) => pod.object());
  const ended = pods
    .filter((pod) => endedPhases.has(pod.index.fields['status.phase'] ?? ''))
    .map((pod) => pod.object())
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((a, b) => (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0));
  return {
    lost: pods
      .filter((pod) => lostNodes.has(nodeOf(pod)) || (deadNodes.has(nodeOf(pod)) && isTerminating(pod)))
      .map((pod) => pod.object()),
    remove: [...unplaced, ...ended.slice(0, Math.max(0, ended.length - endedPodsMax))],
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

/** The conditions that a pod of a lost node reports before it goes; undefined: it has ended by itself. */
export function lostConditions(pod: Pod, now: number): readonly PodCondition[] | undefined {
  if (isFinished(pod)) return undefined;
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
