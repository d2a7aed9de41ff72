/** Which pods would leave a node against their disruption budgets. */
import { type LabelSelector, labelSelectorMatches, type PodDisruptionBudget } from '../api/index.ts';
import type { PlacedInfo } from './pod-info.ts';

/** The budgets of a namespace. */
export type BudgetsOf = (namespace: string) => readonly PodDisruptionBudget[];

/** For kube-scheduler a selector that asks for nothing speaks of no pod. */
const asksForNothing = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

function coversPod({ spec, status }: PodDisruptionBudget, { labels, pod }: PlacedInfo): boolean {
  const { selector } = spec;
  if (selector === undefined || asksForNothing(selector) || !labelSelectorMatches(selector, labels)) return false;
  // It is counted as gone already.
  return status?.disruptedPods?.[pod.metadata.name] === undefined;
}

/**
 * The UIDs of those pods that go beyond what a budget of theirs allows when all leave, one after the other in this
 * order.
 */
export function beyondBudgets(pods: readonly PlacedInfo[], budgetsOf: BudgetsOf): ReadonlySet<string> {
  const left = new Map<PodDisruptionBudget, number>();
  const beyond = new Set<string>();
  for (const pod of pods) {
    if (Object.keys(pod.labels).length === 0) continue;
    for (const budget of budgetsOf(pod.namespace)) {
      if (!coversPod(budget, pod)) continue;
      const allowed = (left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1;
      left.set(budget, allowed);
      if (allowed < 0) beyond.add(pod.uid);
    }
  }
  return beyond;
}
