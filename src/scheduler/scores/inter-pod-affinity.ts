/** The score InterPodAffinity: preferred pod affinity and anti-affinity. */
import type { ClusterState, HeldKind } from '../cluster-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Score, scoreMax } from './score.ts';

/** Counts of pods by the value of a node label, with what each of them is worth. */
interface Pull {
  readonly topologyKey: string;
  readonly counts: ReadonlyMap<string, number>;
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
      topologyKey: term.topologyKey,
      counts: cluster.termCounter(term).domains(term.topologyKey, cluster.nodes),
      weight: sign * term.weight,
    }));
  const pulls = [...own(pod.preferredAffinity, 1), ...own(pod.preferredAntiAffinity, -1)];
  for (const { kind, sign } of heldWeights) {
    for (const { term, counter } of cluster.heldTerms(kind)) {
      if (term.matches(pod, cluster.lookup.namespaceLabels))
        pulls.push({
          topologyKey: term.topologyKey,
          counts: counter.domains(term.topologyKey, cluster.nodes),
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
    const raw = Float64Array.from(nodes, (node) =>
      pulls.reduce((sum, pull) => sum + pull.weight * (pull.counts.get(node.labels[pull.topologyKey] ?? '') ?? 0), 0),
    );
    const least = raw.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = raw.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    if (most === least) return undefined;
    return raw.map((value) => Math.floor((scoreMax * (value - least)) / (most - least)));
  },
};
