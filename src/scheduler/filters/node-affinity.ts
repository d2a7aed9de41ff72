/** The filter NodeAffinity: node selectors and required node affinity. */
import {
  type Labels,
  nodeSelectorAllows,
  type NodeSelectorTerm,
  requiredNodeTerms,
  type View,
} from '../../api/index.ts';
import { noDomain } from '../label-column.ts';
import type { NodeColumns } from '../node-columns.ts';
import { type Filter, type NodeCheck, quick, type Rejection } from './filter.ts';

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

/** Whether the node in a slot has the labels of a node selector. */
function selects(nodeSelector: Labels, columns: NodeColumns): (slot: number) => boolean {
  const wanted = Object.entries(nodeSelector).map(([key, value]) => {
    const domains = columns.label(key);
    return { domains, domain: domains.of(value) };
  });
  return (slot) => wanted.every(({ domains, domain }) => domain !== noDomain && domains.bySlot[slot] === domain);
}

/**
 * Holds pods to their node selector and required node affinity. A pod pinned to a node by name looks at that one only.
 */
export const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  prepare: (pod, { columns }) => {
    const { spec } = pod.pod;
    const terms = requiredNodeTerms(spec);
    if (terms === undefined) {
      if (spec.nodeSelector === undefined) return undefined;
      const fits = selects(spec.nodeSelector, columns);
      return quick(({ slot }) => (fits(slot) ? undefined : rejection), fits);
    }
    const check: NodeCheck = (node) => (nodeSelectorAllows(spec, node) ? undefined : rejection);
    const names = pinnedNames(terms);
    return names === undefined ? check : { nodes: names, check };
  },
};
