/** The filter InterPodAffinity: pods beside and apart from other pods. */
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import type { Filter, NodeCheck, Rejection } from './filter.ts';

const affinityRejection: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false };
const antiAffinityRejection: Rejection = {
  reasons: ["node(s) didn't match pod anti-affinity rules"],
  resolvable: true,
};
const existingRejection: Rejection = {
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  resolvable: true,
};

interface Domains {
  readonly topologyKey: string;
  readonly counts: ReadonlyMap<string, number>;
}

const holds = (domains: Domains, node: NodeState): boolean => {
  const value = node.labels[domains.topologyKey];
  return value !== undefined && (domains.counts.get(value) ?? 0) > 0;
};

/** Terms of running pods that forbid this pod beside them, as label values that are closed to it. */
function closedDomains(pod: PodInfo, cluster: ClusterState): readonly Domains[] {
  const closed: Domains[] = [];
  for (const { term, counter } of cluster.heldTerms('requiredAntiAffinity')) {
    if (term.matches(pod, cluster.lookup.namespaceLabels))
      closed.push({ topologyKey: term.topologyKey, counts: counter.domains(term.topologyKey, cluster.nodes) });
  }
  return closed;
}

const domainsOf = (term: AffinityTerm, cluster: ClusterState): Domains => ({
  topologyKey: term.topologyKey,
  counts: cluster.termCounter(term).domains(term.topologyKey, cluster.nodes),
});

/** Required affinity needs a pod that fits ALL terms; with one term its own count says so. */
function affinityCheck(pod: PodInfo, cluster: ClusterState): (node: NodeState) => boolean {
  const terms = pod.requiredAffinity;
  if (terms.length === 0) return () => true;
  const { namespaceLabels } = cluster.lookup;
  const together = cluster.counter(`all ${terms.map((term) => term.key).join('&')}`, (other) =>
    terms.every((term) => term.matches(other, namespaceLabels)),
  );
  const domains = terms.map((term): Domains => ({
    topologyKey: term.topologyKey,
    counts: together.domains(term.topologyKey, cluster.nodes),
  }));
  // The first pod of a group that wants to be near itself may go anywhere.
  const first = together.total === 0 && terms.every((term) => term.matches(pod, namespaceLabels));
  return (node) => {
    if (domains.some((domain) => node.labels[domain.topologyKey] === undefined)) return false;
    return first || domains.every((domain) => holds(domain, node));
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
    return (node) => {
      if (!near(node)) return affinityRejection;
      if (apart.some((domains) => holds(domains, node))) return antiAffinityRejection;
      return closed.some((domains) => holds(domains, node)) ? existingRejection : undefined;
    };
  },
};
