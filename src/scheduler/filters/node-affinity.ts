/** The filter NodeAffinity: node selectors and required node affinity. */
import { nodeSelectorAllows, type NodeSelectorTerm, requiredNodeTerms, type View } from '../../api/index.ts';
import type { Filter, NodeCheck, Rejection } from './filter.ts';

const rejection: Rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false };

/** The node names to which the terms pin the pod; undefined when at least one term does not. */
function pinnedNames(terms: readonly View<NodeSelectorTerm>[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const term of terms) {
    const pins = (term.matchFields ?? []).filter((field) => field.key === 'metadata.name' && field.operator === 'In');
    if (pins.length === 0) return undefined;
    for (const name of pins[0]?.values ?? [])
      if (pins.every((pin) => pin.values?.includes(name) === true)) names.add(name);
  }
  return [...names];
}

/**
 * Holds pods to their node selector and required node affinity. A pod pinned to a node by name looks at that one only.
 */
export const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  prepare: (pod) => {
    const { spec } = pod.pod;
    const terms = requiredNodeTerms(spec);
    if (spec.nodeSelector === undefined && terms === undefined) return undefined;
    const check: NodeCheck = (node) => (nodeSelectorAllows(spec, node) ? undefined : rejection);
    const names = terms === undefined ? undefined : pinnedNames(terms);
    return names === undefined ? check : { nodes: names, check };
  },
};
