/** The filter TaintToleration: taints that keep pods away. */
import { isTolerated } from '../../api/index.ts';
import { marks } from '../node-columns.ts';
import type { NodeState } from '../node-state.ts';
import { type Filter, quick, type Rejection } from './filter.ts';

/** Keeps pods off nodes whose taints they do not tolerate. */
export const taintToleration: Filter = {
  name: 'TaintToleration',
  prepare: (pod, { columns }) => {
    const { tolerations } = pod.pod.spec;
    const check = (node: NodeState): Rejection | undefined => {
      if (node.hardTaints.length === 0) return undefined;
      const taint = node.hardTaints.find((candidate) => !isTolerated(candidate, tolerations));
      return taint === undefined
        ? undefined
        : { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], resolvable: false };
    };
    return quick(check, (slot) => {
      if (((columns.marks[slot] ?? 0) & marks.hardTaints) === 0) return true;
      const node = columns.nodes[slot];
      return node !== undefined && check(node) === undefined;
    });
  },
};
