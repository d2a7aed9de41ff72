/** Decides how many pods of a PodDisruptionBudget may be evicted. */
import {
  isReady,
  labelSelectorText,
  parseTime,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
  scaledValue,
  setCondition,
  timeText,
} from '../../api/index.ts';
import type { WantedPods } from './scales.ts';
import type { Note } from '../runtime/index.ts';

interface Observed {
  readonly budget: PodDisruptionBudget;
  /** Pods that the budget selects. */
  readonly pods: readonly Pod[];
  /** How many pods the selected pods' controllers want in all. */
  readonly wanted: WantedPods;
  readonly now: number;
}

/** An eviction whose pod is still there after this long did not happen. */
const disruptionMs = 2 * 60_000;

interface Plan {
  readonly status: PodDisruptionBudgetStatus;
  readonly notes: readonly Note[];
  readonly requeueAfterMs?: number;
}

/** Whether the budget is a part of what the pods' controllers want, and not just a number of pods. */
export const isRelative = (budget: PodDisruptionBudget): boolean =>
  budget.spec?.maxUnavailable !== undefined || typeof budget.spec?.minAvailable === 'string';

/** How many pods may be evicted now: none while that cannot be known. */
export function planBudget(observed: Observed): Plan {
  const { budget, pods, wanted } = observed;
  const none =
    pods.length === 0 ? [{ type: 'Normal' as const, reason: 'NoPods', message: 'No matching pods found' }] : [];
  if (!isRelative(budget)) return { ...planCounted(observed, expectations(observed, 0)), notes: none };
  if (wanted.type === 'unknown')
    return {
      status: failedStatus(observed, wanted.cause),
      notes: [
        ...none,
        {
          type: 'Warning',
          reason: 'CalculateExpectedPodCountFailed',
          message: `Failed to calculate the number of expected pods: ${wanted.cause}`,
        },
      ],
    };
  const unmanaged =
    wanted.unmanaged.length === 0
      ? []
      : [{ type: 'Warning' as const, reason: 'UnmanagedPods', message: unmanagedMessage(budget) }];
  return { ...planCounted(observed, expectations(observed, wanted.count)), notes: [...none, ...unmanaged] };
}

function unmanagedMessage(budget: PodDisruptionBudget): string {
  const selector = labelSelectorText(budget.spec?.selector ?? {});
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be ` +
    'unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may ' +
    'result in undefined behavior. To account for these pods please set ".spec.minAvailable" ' +
    'field of the PDB to an integer value.'
  );
}

function failedStatus({ budget, now }: Observed, cause: string): PodDisruptionBudgetStatus {
  const { observedGeneration } = budget.status ?? {};
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message: cause,
    observedGeneration,
  };
  const status = budget.status ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  return {
    ...status,
    disruptionsAllowed: 0,
    conditions: setCondition(budget.status?.conditions, condition, timeText(now)),
  };
}

function planCounted(
  observed: Observed,
  { expected, desired }: { readonly expected: number; readonly desired: number },
): Omit<Plan, 'notes'> {
  const { budget, pods, now } = observed;
  const disrupted = stillDisrupted(observed);
  const healthy = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod) && disrupted[pod.metadata.name] === undefined,
  ).length;
  const allowed = expected <= 0 || healthy - desired <= 0 ? 0 : healthy - desired;
  const condition =
    allowed > 0
      ? { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' }
      : { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' };
  const generation = budget.metadata.generation === undefined ? {} : { observedGeneration: budget.metadata.generation };
  const status: PodDisruptionBudgetStatus = {
    ...generation,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: setCondition(budget.status?.conditions, { ...condition, ...generation }, timeText(now)),
  };
  const ends = Object.values(disrupted).map((at) => (parseTime(at) ?? now) + disruptionMs - now);
  if (ends.length === 0) return { status };
  return {
    status,
    requeueAfterMs: Math.max(
      1,
      ends.reduce((least, end) => Math.min(least, end)),
    ),
  };
}

function expectations(
  { budget, pods }: Observed,
  wanted: number,
): { readonly expected: number; readonly desired: number } {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  if (maxUnavailable !== undefined)
    return { expected: wanted, desired: Math.max(0, wanted - (scaledValue(maxUnavailable, wanted, 'up') ?? 0)) };
  if (typeof minAvailable === 'string')
    return { expected: wanted, desired: scaledValue(minAvailable, wanted, 'up') ?? 0 };
  return minAvailable === undefined ? { expected: 0, desired: 0 } : { expected: pods.length, desired: minAvailable };
}

/** Evictions under way: their pods are still there and not yet being deleted. */
function stillDisrupted({ budget, pods, now }: Observed): Readonly<Record<string, string>> {
  const entries = Object.entries(budget.status?.disruptedPods ?? {}).filter(([name, at]) => {
    const pod = pods.find((candidate) => candidate.metadata.name === name);
    return (
      pod !== undefined && pod.metadata.deletionTimestamp === undefined && (parseTime(at) ?? 0) + disruptionMs > now
    );
  });
  return Object.fromEntries(entries);
}
