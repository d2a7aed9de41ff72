/** The filter InterPodAffinity: pods beside and apart from other pods. */
import type { ClusterState } from '../cluster-state.ts';
import type { DomainCounts } from '../counters.ts';
import { noDomain } from '../label-column.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import { type Filter, type NodeCheck, quick, type Rejection } from './filter.ts';

const affinityRejection: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false };
const antiAffinityRejection: Rejection = {
  reasons: ["node(s) didn't match pod anti-affinity rules"],
  resolvable: true,
};
const existingRejection: Rejection = {
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  resolvable: true,
};

/** Whether one of the counts has a pod in the domain of the node in a slot. */
function some(counts: readonly DomainCounts[], slot: number): boolean {
  for (let i = 0; i < counts.length; i++) if ((counts[i] as DomainCounts).at(slot) > 0) return true;
  return false;
}

/** Terms of running pods that forbid this pod beside them, as domains that are closed to it. */
function closedDomains(pod: PodInfo, cluster: ClusterState): readonly DomainCounts[] {
  const closed: DomainCounts[] = [];
  for (const { term, counter } of cluster.heldTerms('requiredAntiAffinity')) {
    if (term.matches(pod, cluster.lookup.namespaceLabels))
      closed.push(counter.domains(term.topologyKey, cluster.columns));
  }
  return closed;
}

const domainsOf = (term: AffinityTerm, cluster: ClusterState): DomainCounts =>
  cluster.termCounter(term).domains(term.topologyKey, cluster.columns);

/** Required affinity needs a pod that fits ALL terms; with one term its own count says so. */
function affinityCheck(pod: PodInfo, cluster: ClusterState): (slot: number) => boolean {
  const terms = pod.requiredAffinity;
  if (terms.length === 0) return () => true;
  const { namespaceLabels } = cluster.lookup;
  const together = cluster.counter(`all ${terms.map((term) => term.key).join('&')}`, (other) =>
    terms.every((term) => term.matches(other, namespaceLabels)),
  );
  const near = terms.map((term) => together.domains(term.topologyKey, cluster.columns));
  // The first pod of a group that wants to be near itself may go anywhere.
  const first = together.total === 0 && terms.every((term) => term.matches(pod, namespaceLabels));
  return (slot) => {
    for (let i = 0; i < near.length; i++) {
      const counts = near[i] as DomainCounts;
      if (first ? counts.domains.bySlot[slot] === noDomain : counts.at(slot) === 0) return false;
    }
    return true;
  };
}

/** Required pod affinity and anti-affinity: of this pod, and of the pods that run already. */
export const interPodAffinity: Filter = {
  name: 'InterPodAffinity',
  prepare: (pod, cluster): NodeCheck | undefined => {
    const closed = closedDomains(pod, cluster);
    if (closed.length === 0 && pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0)
      return undefined;
    const near = affinityCheck(pod, cluster);
    const apart = pod.requiredAntiAffinity.map((term) => domainsOf(term, cluster));
    return quick(
      ({ slot }) => {
        if (!near(slot)) return affinityRejection;
        if (some(apart, slot)) return antiAffinityRejection;
        return some(closed, slot) ? existingRejection : undefined;
      },
      (slot) => near(slot) && !some(apart, slot) && !some(closed, slot),
    );
  },
};
