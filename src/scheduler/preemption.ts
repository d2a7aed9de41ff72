/** Finds the pods that must go to make room for a more important one. */
import type { ClusterState } from './cluster-state.ts';
import { missingResources, portsFree, portsRejection } from './filters/index.ts';
import { beyondBudgets, type BudgetsOf } from './disruption-budgets.ts';
import type { NodeState } from './node-state.ts';
import type { PlacedInfo, PodInfo } from './pod-info.ts';
import { availabilityMessage, type Failure, needsRoomOnly, obstacleOn } from './pipeline.ts';

export interface Preemption {
  readonly node: string;
  readonly victims: readonly PlacedInfo[];
  /** Victims that go against a disruption budget of theirs. */
  readonly violations: number;
}

export interface PreemptionAnswer {
  readonly preemption?: Preemption;
  /** No pods that go would help: room that was kept for the pod is of no use. */
  readonly hopeless?: true;
  /** What preemption had to say, for the end of the failure's sentence. */
  readonly message: string;
}

/** Candidates among the nodes that are worked out in full; one of them is good enough. */
const candidatesMax = 100;
/** Nodes on which all filters are asked: for some pods each question looks at all nodes. */
const fullTrialsMax = 100;

/**
 * Finds pods of lower priority that must go so that the pod fits somewhere: on the node where the fewest go against
 * their disruption budgets, then where the most important victim matters least, then the fewest victims, then the
 * youngest. The filters are asked without the victims; pods are spared where it fits with them, those with a budget
 * against it and the most important ones first.
 */
export function preempt(pod: PodInfo, failure: Failure, cluster: ClusterState): PreemptionAnswer {
  if (pod.pod.spec.preemptionPolicy === 'Never')
    return { message: 'preemption: not eligible due to preemptionPolicy=Never.' };
  if (failure.nodes === 0) return { message: '' };
  if (waitsForVictims(pod, cluster))
    return { message: 'preemption: not eligible due to a terminating pod on the nominated node.' };
  const search: VictimSearch = {
    pod,
    cluster,
    budgetsOf: rememberedBudgets(cluster.lookup.budgets),
    roomOnly: needsRoomOnly(pod, cluster),
    fullTrials: 0,
  };
  const candidates: Preemption[] = [];
  const counts = new Map<string, number>();
  for (const node of failure.resolvable) {
    if (candidates.length >= candidatesMax) break;
    const found = preemptionOn(node, search);
    if ('node' in found) candidates.push(found);
    else for (const reason of found.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const [chosen] = candidates.sort(compare);
  if (chosen !== undefined) return { preemption: chosen, message: '' };
  const hopeless = failure.nodes - failure.resolvable.length;
  if (hopeless > 0) counts.set('Preemption is not helpful for scheduling', hopeless);
  return { hopeless: true, message: `preemption: ${availabilityMessage(failure.nodes, counts)}` };
}

/** Victims of an earlier round still end: their room is on its way. */
function waitsForVictims(pod: PodInfo, cluster: ClusterState): boolean {
  for (const node of cluster.nominatedNodes(pod.uid)) {
    for (const other of node.pods.values())
      if (other.priority < pod.priority && other.pod.metadata.deletionTimestamp !== undefined) return true;
  }
  return false;
}

/** The budgets of a namespace are read once for all nodes. */
function rememberedBudgets(budgetsOf: BudgetsOf): BudgetsOf {
  const known = new Map<string, ReturnType<BudgetsOf>>();
  return (namespace) => {
    const found = known.get(namespace) ?? budgetsOf(namespace);
    known.set(namespace, found);
    return found;
  };
}

interface VictimSearch {
  readonly pod: PodInfo;
  readonly cluster: ClusterState;
  readonly budgetsOf: BudgetsOf;
  /** Whether the room on a node is all that is asked. */
  readonly roomOnly: boolean;
  fullTrials: number;
}

const noVictims = { reasons: ['No preemption victims found for incoming pod'] };

/** The least set of pods that must leave the node, or why that does not help. */
function preemptionOn(node: NodeState, search: VictimSearch): Preemption | { readonly reasons: readonly string[] } {
  const { pod, budgetsOf } = search;
  const lower: PlacedInfo[] = [];
  const stays: PlacedInfo[] = [];
  for (const other of node.pods.values()) (other.priority < pod.priority ? lower : stays).push(other);
  if (lower.length === 0) return noVictims;
  const room = roomTrial(node, stays, pod);
  const obstacle = room.obstacle();
  if (obstacle !== undefined) return { reasons: obstacle };
  lower.sort((a, b) => b.priority - a.priority || startOf(a) - startOf(b));
  const beyond = beyondBudgets(lower, budgetsOf);
  const order = [...lower.filter(({ uid }) => beyond.has(uid)), ...lower.filter(({ uid }) => !beyond.has(uid))];
  const found = search.roomOnly ? victimsOf(order, room) : victimsByFilters(node, order, search);
  if (!Array.isArray(found)) return found;
  const violations = found.filter(({ uid }) => beyond.has(uid)).length;
  return found.length === 0 ? noVictims : { node: node.name, victims: found, violations };
}

/** A node without the pods that may go, to put them back one by one. */
interface Trial {
  add(pod: PlacedInfo): void;
  remove(pod: PlacedInfo): void;
  /** Why the pod does not fit now. */
  obstacle(): readonly string[] | undefined;
}

/** Those without whom alone the pod fits. */
function victimsOf(order: readonly PlacedInfo[], trial: Trial): PlacedInfo[] {
  const victims: PlacedInfo[] = [];
  for (const other of order) {
    trial.add(other);
    if (trial.obstacle() === undefined) continue;
    trial.remove(other);
    victims.push(other);
  }
  return victims;
}

/** Asks a copy of the node for room. */
function roomTrial(node: NodeState, stays: readonly PlacedInfo[], pod: PodInfo): Trial {
  const copy = node.with(stays);
  // Their victims' room is not free a second time.
  for (const other of node.nominated.values())
    if (other.uid !== pod.uid && other.priority >= pod.priority) copy.add(other);
  return {
    add: (other) => {
      copy.add(other);
    },
    remove: ({ uid }) => {
      copy.remove(uid);
    },
    obstacle: () => (portsFree(pod, copy) ? missingResources(pod.requests, copy) : portsRejection.reasons),
  };
}

/** Asks all filters: takes the pods out of the cluster for the time being, since others' places matter as well. */
function victimsByFilters(
  node: NodeState,
  order: readonly PlacedInfo[],
  search: VictimSearch,
): PlacedInfo[] | { readonly reasons: readonly string[] } {
  const { pod, cluster } = search;
  search.fullTrials += 1;
  if (search.fullTrials > fullTrialsMax) return noVictims;
  const trial: Trial = {
    add: (other) => {
      cluster.putPod(other, node.name);
    },
    remove: ({ uid }) => {
      cluster.removePod(uid);
    },
    obstacle: () => obstacleOn(node, pod, cluster),
  };
  for (const other of order) trial.remove(other);
  const obstacle = trial.obstacle();
  const found = obstacle === undefined ? victimsOf(order, trial) : { reasons: obstacle };
  for (const other of order) trial.add(other);
  return found;
}

function startOf(pod: PlacedInfo): number {
  return Date.parse(pod.pod.status?.startTime ?? pod.pod.metadata.creationTimestamp ?? '') || 0;
}

const highest = (preemption: Preemption): number =>
  preemption.victims.reduce((most, victim) => Math.max(most, victim.priority), Number.NEGATIVE_INFINITY);
/** Each victim counts more than any priority does, so that fewer are better than less important ones. */
const sum = (preemption: Preemption): number =>
  preemption.victims.reduce((total, victim) => total + victim.priority + 2 ** 31, 0);

/** When the first of its most important victims began. */
function startOfHighest(preemption: Preemption): number {
  const most = highest(preemption);
  return preemption.victims.reduce(
    (first, victim) => (victim.priority === most ? Math.min(first, startOf(victim)) : first),
    Number.POSITIVE_INFINITY,
  );
}

function compare(a: Preemption, b: Preemption): number {
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    startOfHighest(b) - startOfHighest(a)
  );
}
