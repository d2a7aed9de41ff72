/** The filter PodTopologySpread: hard limits on the skew between domains. */
import { domainCounts, prepareConstraints } from '../spread.ts';
import { noDomain } from '../label-column.ts';
import { type Filter, type NodeCheck, quick, type Rejection } from './filter.ts';

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
      const { maxSkew, topologyKey } = entry.constraint;
      const most = maxSkew - entry.self + (fewDomains ? 0 : counts.least);
      return { domains: cluster.columns.label(topologyKey), counts, most };
    });
    const check = (slot: number): Rejection | undefined => {
      for (const { domains, counts, most } of rules) {
        if (domains.bySlot[slot] === noDomain) return labelRejection;
        if (counts.at(slot) > most) return skewRejection;
      }
      return undefined;
    };
    return quick(
      ({ slot }) => check(slot),
      (slot) => check(slot) === undefined,
    );
  },
};
