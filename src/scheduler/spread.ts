/** Topology spread constraints with their counts, for filter and score. */
import type { ClusterState } from './cluster-state.ts';
import type { PodCounter } from './counters.ts';
import { type LabelDomains, noDomain } from './label-column.ts';
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
  /** Whether all nodes are eligible, known without asking for each. */
  readonly allEligible: boolean;
}

/** Matching pods by domain, over the nodes that count. */
interface DomainCounts {
  /** Domains, those without matching pods among them. */
  readonly size: number;
  /** The pods of the emptiest domain; 0 when there is none. */
  readonly least: number;
  /** The pods of a domain; 0 for what is none. */
  of(value: string): number;
  /** The pods of the domain of the node in a slot. */
  at(slot: number): number;
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
      allEligible:
        fitsAll(constraint, pod) && keys.every((name) => cluster.columns.label(name).nodes === cluster.nodes.size),
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

/** Whether the policies exclude no node, whatever it is: then nodes need not be asked one by one. */
function fitsAll({ nodeAffinityPolicy, nodeTaintsPolicy }: TopologySpreadConstraint, { pod }: PodInfo): boolean {
  const { nodeSelector = {}, affinity } = pod.spec;
  const isFree =
    Object.keys(nodeSelector).length === 0 &&
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution === undefined;
  return (nodeAffinityPolicy === 'Ignore' || isFree) && nodeTaintsPolicy !== 'Honor';
}

/** Costs O(nodes) only where some of them do not count. */
export function domainCounts(prepared: PreparedConstraint, cluster: ClusterState): DomainCounts {
  const { constraint, counter, allEligible } = prepared;
  const { topologyKey } = constraint;
  const domains = cluster.columns.label(topologyKey);
  if (!allEligible) return countsOf(countEligible(prepared, cluster.order), domains);
  const counts = counter.domains(topologyKey, cluster.columns);
  return {
    size: domains.count,
    least: counts.least(),
    of: (value) => counts.of(value),
    at: (slot) => counts.at(slot),
  };
}

const leastOf = (counts: ReadonlyMap<string, number>): number => {
  let least = Number.POSITIVE_INFINITY;
  for (const count of counts.values()) least = Math.min(least, count);
  return counts.size === 0 ? 0 : least;
};

function countsOf(counts: ReadonlyMap<string, number>, domains: LabelDomains): DomainCounts {
  const byDomain = new Int32Array(domains.sizes.length);
  for (const [value, count] of counts) byDomain[domains.of(value)] = count;
  return {
    size: counts.size,
    least: leastOf(counts),
    of: (value) => counts.get(value) ?? 0,
    at: (slot) => {
      const domain = domains.bySlot[slot] ?? noDomain;
      return domain === noDomain ? 0 : (byDomain[domain] ?? 0);
    },
  };
}

/** A domain without pods is there with 0. */
function countEligible(prepared: PreparedConstraint, nodes: Iterable<NodeState>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const value = node.labels[prepared.constraint.topologyKey];
    if (value === undefined || !prepared.eligible(node)) continue;
    counts.set(value, (counts.get(value) ?? 0) + prepared.counter.onNode(node));
  }
  return counts;
}
