/**
 * Scores: each rates the nodes that can take a pod from 0 to 100; the weighted sum decides.
 *
 * Weights are those of kube-scheduler's default profile. A score that has nothing to say of a pod rates nothing, which
 * is the same for every node and therefore costs nothing.
 */
import type { Score } from './score.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinityPreference } from './inter-pod-affinity.ts';
import { nodeAffinityPreference, taintPreference } from './preferences.ts';
import { balancedAllocation, leastAllocated } from './resources.ts';
import type {} from './score.ts';
import { topologySpread } from './topology-spread.ts';

export const allScores: readonly Score[] = [
  taintPreference,
  nodeAffinityPreference,
  topologySpread,
  interPodAffinityPreference,
  leastAllocated,
  balancedAllocation,
  imageLocality,
];
