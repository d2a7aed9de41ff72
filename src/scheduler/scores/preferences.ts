/** The scores TaintToleration and NodeAffinity: preferences about nodes. */
import { isTolerated, nodeTermMatches } from '../../api/index.ts';
import { marks } from '../node-columns.ts';
import { normalized, type Score } from './score.ts';

/** Prefers nodes without taints (PreferNoSchedule) that the pod does not tolerate. */
export const taintPreference: Score = {
  name: 'TaintToleration',
  weight: 3,
  score: (pod, nodes, { columns }) => {
    if (!columns.some(nodes, marks.softTaints)) return undefined;
    const raw = Float64Array.from(
      nodes,
      (node) => node.softTaints.filter((taint) => !isTolerated(taint, pod.pod.spec.tolerations)).length,
    );
    return normalized(raw, true);
  },
};

/** Prefers nodes by the pod's preferred node affinity. */
export const nodeAffinityPreference: Score = {
  name: 'NodeAffinity',
  weight: 2,
  score: (pod, nodes) => {
    const terms = pod.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (terms === undefined || terms.length === 0) return undefined;
    const raw = Float64Array.from(nodes, (node) =>
      terms.reduce((sum, term) => (nodeTermMatches(term.preference, node) ? sum + term.weight : sum), 0),
    );
    return normalized(raw, false);
  },
};
