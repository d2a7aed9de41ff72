/** Where a pod may run: node selectors, node affinity, taints and tolerations. */
import { type Labels, labelsInclude } from '../machinery/index.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from './generated/core-v1.ts';
import type { View } from './views.ts';

/** What a term of a node selector looks at. */
interface PlacementFacts {
  readonly name: string;
  readonly labels: Labels;
}

function requirementMatches(requirement: View<NodeSelectorRequirement>, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Whether a node fits a term of a node selector. An empty term fits no node. */
export function nodeTermMatches(term: View<NodeSelectorTerm>, node: PlacementFacts): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => requirementMatches(requirement, node.labels[requirement.key ?? ''])) &&
    matchFields.every(
      (requirement) => requirement.key === 'metadata.name' && requirementMatches(requirement, node.name),
    )
  );
}

/** The terms of the pod's required node affinity, of which one must match; undefined: any node will do. */
export function requiredNodeTerms(spec: View<PodSpec>): readonly View<NodeSelectorTerm>[] | undefined {
  return spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
}

/** Whether the pod's node selector and required node affinity allow the node. */
export function nodeSelectorAllows(spec: View<PodSpec>, node: PlacementFacts): boolean {
  if (spec.nodeSelector !== undefined && !labelsInclude(node.labels, spec.nodeSelector)) return false;
  const terms = requiredNodeTerms(spec);
  return terms === undefined || terms.some((term) => nodeTermMatches(term, node));
}

/** Whether a toleration covers a taint. */
export function tolerates(toleration: View<Toleration>, taint: View<Taint>): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== '' && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return toleration.key !== undefined && toleration.key !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

/** Whether one of the tolerations covers the taint. */
export function isTolerated(taint: View<Taint>, tolerations: readonly View<Toleration>[] | undefined): boolean {
  return tolerations !== undefined && tolerations.some((toleration) => tolerates(toleration, taint));
}
