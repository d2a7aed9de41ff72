/** The scores of resources: much left, and CPU and memory used alike. */
import { figure, rowLength } from '../node-columns.ts';
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
  score: (pod, nodes, { columns: { rows } }) => {
    const { cpuMilli, memory } = pod.assumed;
    const scores = new Float64Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      const at = (nodes[i] as NodeState).slot * rowLength;
      scores[i] = Math.floor(
        (free((rows[at + figure.assumedCpu] ?? 0) + cpuMilli, rows[at + figure.cpu] ?? 0) +
          free((rows[at + figure.assumedMemory] ?? 0) + memory, rows[at + figure.memory] ?? 0)) /
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
  score: (pod, nodes, { columns: { rows } }) => {
    const scores = new Float64Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      const at = (nodes[i] as NodeState).slot * rowLength;
      const [allCpu, allMemory] = [rows[at + figure.cpu] ?? 0, rows[at + figure.memory] ?? 0];
      const cpu = part(allCpu - (rows[at + figure.freeCpu] ?? 0) + pod.requests.cpuMilli, allCpu);
      const memory = part(allMemory - (rows[at + figure.freeMemory] ?? 0) + pod.requests.memory, allMemory);
      // Of two fractions the standard deviation is half their distance.
      scores[i] = Math.floor((1 - Math.abs(cpu - memory) / 2) * scoreMax);
    }
    return scores;
  },
};
