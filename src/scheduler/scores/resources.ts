import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Score, scoreMax } from './score.ts';

/** The part of the node's CPU and memory that would be in use with the pod. */
function usage(pod: PodInfo, node: NodeState): { readonly cpu: number; readonly memory: number } {
  const { cpuMilli, memory } = node.allocatable;
  return {
    cpu: cpuMilli === 0 ? 1 : (node.assumedCpuMilli + pod.assumed.cpuMilli) / cpuMilli,
    memory: memory === 0 ? 1 : (node.assumedMemory + pod.assumed.memory) / memory,
  };
}

const free = (used: number): number => (used >= 1 ? 0 : Math.floor((1 - used) * scoreMax));

/** Prefers nodes with much left. */
export const leastAllocated: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  score: (pod, nodes) => {
    const scores = new Float64Array(nodes.length);
    for (const [index, node] of nodes.entries()) {
      const { cpu, memory } = usage(pod, node);
      scores[index] = Math.floor((free(cpu) + free(memory)) / 2);
    }
    return scores;
  },
};

/** Prefers nodes whose CPU and memory would be used to the same part. */
export const balancedAllocation: Score = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score: (pod, nodes) => {
    const scores = new Float64Array(nodes.length);
    for (const [index, node] of nodes.entries()) {
      const { allocatable, requested } = node;
      const cpu = allocatable.cpuMilli === 0 ? 0 : Math.min(1, (requested.cpuMilli + pod.requests.cpuMilli) / allocatable.cpuMilli);
      const memory = allocatable.memory === 0 ? 0 : Math.min(1, (requested.memory + pod.requests.memory) / allocatable.memory);
      // Of two fractions the standard deviation is half their distance.
      scores[index] = Math.floor((1 - Math.abs(cpu - memory) / 2) * scoreMax);
    }
    return scores;
  },
};
