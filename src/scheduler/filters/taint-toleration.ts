/** The filter TaintToleration: taints that keep pods away. */
import { isTolerated } from '../../api/index.ts';
import type { Filter } from './filter.ts';

/** Keeps pods off nodes whose taints they do not tolerate. */
export const taintToleration: Filter = {
  name: 'TaintToleration',
  prepare: (pod) => {
    const { tolerations } = pod.pod.spec;
    return (node) => {
      if (node.hardTaints.length === 0) return undefined;
      const taint = node.hardTaints.find((candidate) => !isTolerated(candidate, tolerations));
      return taint === undefined
        ? undefined
        : { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], resolvable: false };
    };
  },
};
