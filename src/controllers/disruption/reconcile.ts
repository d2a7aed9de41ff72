import { withMetaCondition } from '../conditions.ts';
import { type Condition, type IntOrString, type LabelSelector, type Pod, type Stored, timeOf } from '../objects.ts';
import { isActive, isReady } from '../pods.ts';
import { scaledValue } from '../scaled-value.ts';

export interface Budget extends Stored {
  readonly spec?: { readonly minAvailable?: IntOrString; readonly maxUnavailable?: IntOrString; readonly selector?: LabelSelector };
  readonly status?: BudgetStatus;
}

export interface BudgetStatus {
  readonly observedGeneration?: number;
  readonly disruptedPods?: Readonly<Record<string, string>>;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly conditions?: readonly Condition[];
}

export interface Observed {
  readonly budget: Budget;
  /** Pods that the budget selects. */
  readonly pods: readonly Pod[];
  /** How many pods the selected pods' controllers want in all; undefined when that cannot be known. */
  readonly wanted: number | undefined;
  readonly now: number;
}

/** An eviction whose pod is still there after this long did not happen. */
const disruptionMs = 2 * 60_000;

export interface Plan {
  readonly status: BudgetStatus;
  readonly requeueAfterMs?: number;
}

/** How many pods may be evicted now. */
export function planBudget(observed: Observed): Plan {
  const { budget, now } = observed;
  const pods = observed.pods.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
  const { expected, desired } = expectations(observed, pods.length);
  const disrupted = stillDisrupted(observed, pods);
  const healthy = pods.filter((pod) => isActive(pod) && isReady(pod) && disrupted[pod.metadata.name] === undefined).length;
  const allowed = expected <= 0 || healthy - desired <= 0 ? 0 : healthy - desired;
  const condition = allowed > 0
    ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' }
    : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' };
  const generation = budget.metadata.generation === undefined ? {} : { observedGeneration: budget.metadata.generation };
  const status: BudgetStatus = {
    ...generation,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withMetaCondition(budget.status?.conditions ?? [], { ...condition, ...generation }, now),
  };
  const ends = Object.values(disrupted).map((at) => (timeOf(at) ?? now) + disruptionMs - now);
  return ends.length === 0 ? { status } : { status, requeueAfterMs: Math.max(1, Math.min(...ends)) };
}

function expectations(observed: Observed, present: number): { readonly expected: number; readonly desired: number } {
  const { minAvailable, maxUnavailable } = observed.budget.spec ?? {};
  const expected = observed.wanted ?? 0;
  if (maxUnavailable !== undefined) return { expected, desired: Math.max(0, expected - scaledValue(maxUnavailable, expected, { round: 'up' })) };
  if (typeof minAvailable === 'string') return { expected, desired: scaledValue(minAvailable, expected, { round: 'up' }) };
  return { expected: present, desired: minAvailable ?? 0 };
}

/** Evictions under way: their pods are still there and not yet being deleted. */
function stillDisrupted(observed: Observed, pods: readonly Pod[]): Readonly<Record<string, string>> {
  const entries = Object.entries(observed.budget.status?.disruptedPods ?? {}).filter(([name, at]) => {
    const pod = pods.find((candidate) => candidate.metadata.name === name);
    return pod !== undefined && pod.metadata.deletionTimestamp === undefined && (timeOf(at) ?? 0) + disruptionMs > observed.now;
  });
  return Object.fromEntries(entries);
}
