/** Finds the pods that must go to make room for a more important one. */
import type { ClusterState } from './cluster-state.ts';
import { missingResources, portsFree } from './filters/index.ts';
import { beyondBudgets, type BudgetsOf } from './disruption-budgets.ts';
import type { NodeState } from './node-state.ts';
import type { PlacedInfo, PodInfo } from './pod-info.ts';
import { availabilityMessage, type Failure } from './pipeline.ts';

export interface Preemption {
  readonly node: string;
  readonly victims: readonly PlacedInfo[];
  /** Victims that go against a disruption budget of theirs. */
  readonly violations: number;
}

export interface PreemptionAnswer {
  readonly preemption?: Preemption;
  /** What preemption had to say, for the end of the failure's sentence. */
  readonly message: string;
}

/** Candidates among the nodes that are worked out in full; one of them is good enough. */
const candidatesMax = 100;

/**
 * Finds pods of lower priority that must go so that the pod fits somewhere: on the node where the fewest go against
 * their disruption budgets, then where the most important victim matters least, then the fewest victims, then the
 * youngest. Resources and host ports are counted without the victims; pods are spared where it fits with them, those
 * with a budget against it and the most important ones first.
 */
export function preempt(pod: PodInfo, failure: Failure, cluster: ClusterState): PreemptionAnswer {
  if (pod.pod.spec.preemptionPolicy === 'Never')
    return { message: 'preemption: not eligible due to preemptionPolicy=Never.' };
  if (failure.nodes === 0) return { message: '' };
  if (waitsForVictims(pod, cluster))
    return { message: 'preemption: not eligible due to a terminating pod on the nominated node.' };
  const budgetsOf = rememberedBudgets(cluster.lookup.budgets);
  const candidates: Preemption[] = [];
  let without = 0;
  for (const node of failure.resolvable) {
    const found = candidates.length >= candidatesMax ? undefined : preemptionOn(node, pod, budgetsOf);
    if (found === undefined) without += 1;
    else candidates.push(found);
  }
  const [chosen] = candidates.sort(compare);
  if (chosen !== undefined) return { preemption: chosen, message: '' };
  const hopeless = failure.nodes - failure.resolvable.length;
  const counts = new Map<string, number>();
  if (without > 0) counts.set('No preemption victims found for incoming pod', without);
  if (hopeless > 0) counts.set('Preemption is not helpful for scheduling', hopeless);
  return { message: `preemption: ${availabilityMessage(failure.nodes, counts)}` };
}

/** Victims of an earlier round still end: their room is on its way. */
function waitsForVictims(pod: PodInfo, cluster: ClusterState): boolean {
  for (const node of cluster.nominatedNodes(pod.uid)) {
    for (const other of node.pods.values())
      if (other.priority < pod.priority && other.pod.metadata.deletionTimestamp !== undefined) return true;
  }
  return false;
}

const fitsOn = (pod: PlacedInfo, node: NodeState): boolean =>
  missingResources(pod.requests, node) === undefined && portsFree(pod, node);

/** The budgets of a namespace are read once for all nodes. */
function rememberedBudgets(budgetsOf: BudgetsOf): BudgetsOf {
  const known = new Map<string, ReturnType<BudgetsOf>>();
  return (namespace) => {
    const found = known.get(namespace) ?? budgetsOf(namespace);
    known.set(namespace, found);
    return found;
  };
}

/** The least set of pods that must leave the node; undefined when that does not help. */
function preemptionOn(node: NodeState, pod: PodInfo, budgetsOf: BudgetsOf): Preemption | undefined {
  const lower: PlacedInfo[] = [];
  const stays: PlacedInfo[] = [];
  for (const other of node.pods.values()) (other.priority < pod.priority ? lower : stays).push(other);
  if (lower.length === 0) return undefined;
  const trial = node.with(stays);
  // Their victims' room is not free a second time.
  for (const other of node.nominated.values())
    if (other.uid !== pod.uid && other.priority >= pod.priority) trial.add(other);
  if (!fitsOn(pod, trial)) return undefined;
  lower.sort((a, b) => b.priority - a.priority || startOf(a) - startOf(b));
  const beyond = beyondBudgets(lower, budgetsOf);
  const victims: PlacedInfo[] = [];
  for (const isBeyond of [true, false])
    for (const other of lower) {
      if (beyond.has(other.uid) !== isBeyond) continue;
      trial.add(other);
      if (fitsOn(pod, trial)) continue;
      trial.remove(other.uid);
      victims.push(other);
    }
  const violations = victims.filter(({ uid }) => beyond.has(uid)).length;
  return victims.length === 0 ? undefined : { node: node.name, victims, violations };
}

function startOf(pod: PlacedInfo): number {
  return Date.parse(pod.pod.status?.startTime ?? pod.pod.metadata.creationTimestamp ?? '') || 0;
}

const highest = (preemption: Preemption): number =>
  preemption.victims.reduce((most, victim) => Math.max(most, victim.priority), Number.NEGATIVE_INFINITY);
const sum = (preemption: Preemption): number =>
  preemption.victims.reduce((total, victim) => total + victim.priority, 0);

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
