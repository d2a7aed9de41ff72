/** Decides when a pod must leave a node because of NoExecute taints. */
import {
  isFinished,
  parseTime,
  type Pod,
  type PodCondition,
  setCondition,
  type Taint,
  timeText,
  tolerates,
} from '../../api/index.ts';

interface Seen {
  readonly now: number;
  /** Since when a taint without a time is on the node, in ms since 1970. */
  readonly since: (taint: Taint) => number;
}

/** When a pod must leave a node with these taints: undefined never, else ms since 1970 (now or earlier: at once). */
export function evictionTime(pod: Pod, taints: readonly Taint[], seen: Seen): number | undefined {
  const { now, since } = seen;
  const executing = taints.filter((taint) => taint.effect === 'NoExecute');
  let earliest: number | undefined;
  for (const taint of executing) {
    const covering = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (covering.length === 0) return now;
    const limits = covering.flatMap((toleration) =>
      toleration.tolerationSeconds === undefined ? [] : [Math.max(0, toleration.tolerationSeconds)],
    );
    if (limits.length === 0) continue;
    const at = (parseTime(taint.timeAdded) ?? since(taint)) + Math.min(...limits) * 1000;
    earliest = earliest === undefined ? at : Math.min(earliest, at);
  }
  return earliest;
}

type Plan =
  | { readonly type: 'stay' }
  | { readonly type: 'wait'; readonly waitMs: number }
  /** The condition to report before the pod is deleted. */
  | { readonly type: 'evict'; readonly conditions: readonly PodCondition[] };

export function planEviction(pod: Pod, taints: readonly Taint[], seen: Seen): Plan {
  if (pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return { type: 'stay' };
  const at = evictionTime(pod, taints, seen);
  if (at === undefined) return { type: 'stay' };
  if (at > seen.now) return { type: 'wait', waitMs: at - seen.now };
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const conditions = setCondition(pod.status?.conditions, condition, timeText(seen.now));
  return { type: 'evict', conditions: conditions.filter((entry) => entry.type === condition.type) };
}
