/** What a score is. */
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';

/** The best score of a node. */
export const scoreMax = 100;

/**
 * Scores the feasible nodes for one pod: numbers from 0 to `scoreMax`, in the order of `nodes`; undefined when it has
 * nothing to say.
 */
export interface Score {
  /** The plugin's name in kube-scheduler. */
  readonly name: string;
  readonly weight: number;
  score(pod: PodInfo, nodes: readonly NodeState[], cluster: ClusterState): ArrayLike<number> | undefined;
}

/**
 * Scales raw scores so that the highest is `scoreMax`; `reverse` makes the lowest the best. All zero stays (or becomes
 * best).
 */
export function normalized(raw: Float64Array, reverse: boolean): Float64Array {
  let most = 0;
  for (const value of raw) most = Math.max(most, value);
  if (most === 0) return reverse ? raw.fill(scoreMax) : raw;
  for (let i = 0; i < raw.length; i++) {
    const scaled = Math.floor((scoreMax * (raw[i] ?? 0)) / most);
    raw[i] = reverse ? scoreMax - scaled : scaled;
  }
  return raw;
}
