import { type Pod, type Taint, timeOf } from '../objects.ts';
import { tolerates } from '../../api/index.ts';

/** When a pod must leave a node with these taints: undefined never, else ms since 1970 (now or earlier: at once). */
export function evictionTime(
  pod: Pod,
  taints: readonly Taint[],
  seen: { readonly now: number; readonly since: (taint: Taint) => number },
): number | undefined {
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
    const at = (timeOf(taint.timeAdded) ?? since(taint)) + Math.min(...limits) * 1000;
    earliest = earliest === undefined ? at : Math.min(earliest, at);
  }
  return earliest;
}
