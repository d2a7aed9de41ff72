/** Decides whether a disruption budget lets a pod go, purely. */
import { isReady, type Pod, type PodDisruptionBudget } from '../../api/index.ts';

/** `free`: the pod goes without using the budget. `spend`: it uses one disruption. */
type EvictionVerdict =
  | { readonly type: 'free' | 'spend' }
  | { readonly type: 'forbidden'; readonly message: string }
  | { readonly type: 'refused'; readonly message: string; readonly retryAfterSeconds: number };

/** Disrupted pods that the budget's controller has not yet taken note of, before it is asked to catch up. */
const disruptedPodsMax = 2_000;

/** Whether a pod is no use to its service any more, or not yet, so that no budget counts it. */
export function ignoresBudgets({ metadata, status }: Pod): boolean {
  return ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '') || metadata.deletionTimestamp !== undefined;
}

/** Whether a pod may be evicted under its budget (registry/core/pod/storage/eviction). */
export function evictionVerdict(pod: Pod, budget: PodDisruptionBudget): EvictionVerdict {
  if (ignoresBudgets(pod)) return { type: 'free' };
  const { name } = budget.metadata;
  const {
    observedGeneration = 0,
    disruptionsAllowed = 0,
    currentHealthy = 0,
    desiredHealthy = 0,
    disruptedPods = {},
  } = budget.status;
  if (!isReady(pod)) {
    if (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return { type: 'free' };
    if (currentHealthy >= desiredHealthy && desiredHealthy > 0) return { type: 'free' };
  }
  if (observedGeneration < (budget.metadata.generation ?? 0)) {
    return {
      type: 'refused',
      message: `The disruption budget ${name} is still being processed by the server.`,
      retryAfterSeconds: 10,
    };
  }
  if (Object.keys(disruptedPods).length > disruptedPodsMax)
    return {
      type: 'forbidden',
      message: 'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    };
  if (disruptionsAllowed <= 0) {
    const failed = budget.status.conditions?.find(
      ({ type, status, reason, message }) =>
        type === 'DisruptionAllowed' && status === 'False' && reason === 'SyncFailed' && (message ?? '') !== '',
    );
    if (failed !== undefined)
      return {
        type: 'refused',
        message:
          `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ` +
          `${failed.message ?? ''}`,
        retryAfterSeconds: 0,
      };
    return {
      type: 'refused',
      message: `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      retryAfterSeconds: 0,
    };
  }
  return { type: 'spend' };
}
