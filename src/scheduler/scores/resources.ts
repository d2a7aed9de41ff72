/** The scores of resources: much left, and CPU and memory used alike. */
import type { NodeState } from '../node-state.ts';
import { type Score, scoreMax } from './score.ts';

/** What is left of an amount, from 0 to `scoreMax`. */
function free(used: number, of: number): number {
  return of === 0 || used >= of ? 0 : Math.floor(((of - used) * scoreMax) / of);
}

/** Prefers nodes with much left. */
export const leastAllocated: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  score: (pod, nodes) => {
    const { cpuMilli, memory } = pod.assumed;
    const scores = new Float64Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as NodeState;
      scores[i] = Math.floor(
        (free(node.assumedCpuMilli + cpuMilli, node.allocatable.cpuMilli) +
          free(node.assumedMemory + memory, node.allocatable.memory)) /
          2,
      );
    }
    return scores;
  },
};

const part = (used: number, of: number): number => (of === 0 ? 0 : Math.min(1, used / of));

/** Prefers nodes whose CPU and memory would be used to the same part. */
export const balancedAllocation: Score = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score: (pod, nodes) => {
    const { cpuMilli, memory } = pod.requests;
    const scores = new Float64Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      const { allocatable, requested } = nodes[i] as NodeState;
      const cpu = part(requested.cpuMilli + cpuMilli, allocatable.cpuMilli);
      // Of two fractions the standard deviation is half their distance.
      scores[i] = Math.floor((1 - Math.abs(cpu - part(requested.memory + memory, allocatable.memory)) / 2) * scoreMax);
    }
    return scores;
  },
};
