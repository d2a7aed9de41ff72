/** The score InterPodAffinity: preferred pod affinity and anti-affinity. */
import type { ClusterState, HeldKind } from '../cluster-state.ts';
import type { DomainCounts } from '../counters.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Score, scoreMax } from './score.ts';

/** Counts of pods by the value of a node label, with what each of them is worth. */
interface Pull {
  readonly counts: DomainCounts;
  readonly weight: number;
}

/** How running pods' own terms pull the pod: a required affinity counts 1, preferences by their weight. */
const heldWeights: readonly { readonly kind: HeldKind; readonly sign: 1 | -1 }[] = [
  { kind: 'requiredAffinity', sign: 1 },
  { kind: 'preferredAffinity', sign: 1 },
  { kind: 'preferredAntiAffinity', sign: -1 },
];

function pullsOf(pod: PodInfo, cluster: ClusterState): readonly Pull[] {
  const own = (terms: PodInfo['preferredAffinity'], sign: 1 | -1): readonly Pull[] =>
    terms.map((term) => ({
      counts: cluster.termCounter(term).domains(term.topologyKey, cluster.columns),
      weight: sign * term.weight,
    }));
  const pulls = [...own(pod.preferredAffinity, 1), ...own(pod.preferredAntiAffinity, -1)];
  for (const { kind, sign } of heldWeights) {
    for (const { term, counter } of cluster.heldTerms(kind)) {
      if (term.matches(pod, cluster.lookup.namespaceLabels))
        pulls.push({
          counts: counter.domains(term.topologyKey, cluster.columns),
          weight: sign * term.weight,
        });
    }
  }
  return pulls;
}

/** Prefers nodes by preferred pod affinity and anti-affinity, of the pod and of those that run. */
export const interPodAffinityPreference: Score = {
  name: 'InterPodAffinity',
  weight: 2,
  score: (pod, nodes, cluster) => {
    const pulls = pullsOf(pod, cluster);
    if (pulls.length === 0) return undefined;
    const raw = new Float64Array(nodes.length);
    for (const { counts, weight } of pulls)
      for (let i = 0; i < raw.length; i++) raw[i] = (raw[i] ?? 0) + weight * counts.at((nodes[i] as NodeState).slot);
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of raw) [least, most] = [Math.min(least, value), Math.max(most, value)];
    if (most === least) return undefined;
    for (let i = 0; i < raw.length; i++) raw[i] = Math.floor((scoreMax * ((raw[i] ?? 0) - least)) / (most - least));
    return raw;
  },
};
