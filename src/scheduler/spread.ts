/** Topology spread constraints with their counts, for filter and score. */
import type { ClusterState } from './cluster-state.ts';
import type { PodCounter } from './counters.ts';
import type { NodeState } from './node-state.ts';
import type { PodInfo } from './pod-info.ts';
import {
  isTolerated,
  type LabelSelector,
  labelSelectorMatches,
  nodeSelectorAllows,
  type TopologySpreadConstraint,
} from '../api/index.ts';

/** A spread constraint with the counts it asks for. */
interface PreparedConstraint {
  readonly constraint: TopologySpreadConstraint;
  readonly counter: PodCounter;
  /** Whether the pod itself counts once it is placed. */
  readonly self: number;
  /** Whether the node's pods and its domain count. */
  eligible(node: NodeState): boolean;
}

/** The selector with the pod's own values of `matchLabelKeys` added. */
function selectorOf(constraint: TopologySpreadConstraint, pod: PodInfo): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys = [] } = constraint;
  const extra = matchLabelKeys.flatMap((key) => {
    const value = pod.labels[key];
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
  });
  return labelSelector === undefined || extra.length === 0
    ? labelSelector
    : { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...extra] };
}

/** Prepares the pod's own constraints of one kind (`DoNotSchedule` or `ScheduleAnyway`). */
export function prepareConstraints(
  pod: PodInfo,
  cluster: ClusterState,
  whenUnsatisfiable: string,
): readonly PreparedConstraint[] {
  const constraints = (pod.pod.spec.topologySpreadConstraints ?? []).filter(
    (constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable,
  );
  const keys = constraints.map((constraint) => constraint.topologyKey);
  return constraints.map((constraint) => {
    const selector = selectorOf(constraint, pod);
    const key = `spread ${pod.namespace} ${JSON.stringify(selector ?? null)}`;
    const counter = cluster.counter(
      key,
      (other) =>
        other.namespace === pod.namespace &&
        other.pod.metadata.deletionTimestamp === undefined &&
        labelSelectorMatches(selector, other.labels),
    );
    return {
      constraint,
      counter,
      self: labelSelectorMatches(selector, pod.labels) ? 1 : 0,
      eligible: (node) => keys.every((name) => node.labels[name] !== undefined) && fitsPolicies(constraint, pod, node),
    };
  });
}

/**
 * By default a node that the pod's affinity excludes does not count, and one whose taints it does not tolerate does.
 */
function fitsPolicies(constraint: TopologySpreadConstraint, pod: PodInfo, node: NodeState): boolean {
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !nodeSelectorAllows(pod.pod.spec, node)) return false;
  return (
    constraint.nodeTaintsPolicy !== 'Honor' ||
    node.hardTaints.every((taint) => isTolerated(taint, pod.pod.spec.tolerations))
  );
}

/** Matching pods by domain, over the nodes that count. A domain without pods is there with 0. */
export function domainCounts(prepared: PreparedConstraint, nodes: Iterable<NodeState>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const value = node.labels[prepared.constraint.topologyKey];
    if (value === undefined || !prepared.eligible(node)) continue;
    counts.set(value, (counts.get(value) ?? 0) + prepared.counter.onNode(node.name));
  }
  return counts;
}
