/** The filter PodTopologySpread: hard limits on the skew between domains. */
import { domainCounts, prepareConstraints } from '../spread.ts';
import type { Filter, NodeCheck, Rejection } from './filter.ts';

const skewRejection: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints"],
  resolvable: true,
};
const labelRejection: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  resolvable: false,
};

/** Holds pods to `maxSkew`: no domain may have that many more matching pods than the emptiest one. */
export const podTopologySpread: Filter = {
  name: 'PodTopologySpread',
  prepare: (pod, cluster): NodeCheck | undefined => {
    const prepared = prepareConstraints(pod, cluster, 'DoNotSchedule');
    if (prepared.length === 0) return undefined;
    const rules = prepared.map((entry) => {
      const counts = domainCounts(entry, cluster);
      const fewDomains = counts.size < (entry.constraint.minDomains ?? 1);
      return { ...entry, counts, least: fewDomains ? 0 : counts.least };
    });
    return (node) => {
      for (const rule of rules) {
        const value = node.labels[rule.constraint.topologyKey];
        if (value === undefined) return labelRejection;
        if (rule.counts.of(value) + rule.self - rule.least > rule.constraint.maxSkew) return skewRejection;
      }
      return undefined;
    };
  },
};
