import { labelSelectorMatches } from '../api/index.ts';
import type { LabelSelector, NodeSelectorTerm, Requirement, Taint, Toleration } from './objects.ts';

export type Labels = Readonly<Record<string, string>>;

/** Whether labels fit a metav1.LabelSelector; no selector fits nothing. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  if (selector.matchExpressions === undefined) return mapMatches(selector.matchLabels, labels);
  return labelSelectorMatches(selector, labels);
}

/** Whether the labels hold every pair of the map. */
export function mapMatches(wanted: Labels | undefined, labels: Labels): boolean {
  if (wanted === undefined) return true;
  for (const name of Object.keys(wanted)) if (labels[name] !== wanted[name]) return false;
  return true;
}

function requirementMatches(requirement: Requirement, value: string | undefined): boolean {
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
export function nodeTermMatches(term: NodeSelectorTerm, node: { readonly name: string; readonly labels: Labels }): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return matchExpressions.every((requirement) => requirementMatches(requirement, node.labels[requirement.key]))
    && matchFields.every((requirement) => requirement.key === 'metadata.name' && requirementMatches(requirement, node.name));
}

/** Whether a toleration covers a taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== '' && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return toleration.key !== undefined && toleration.key !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

export function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  return tolerations !== undefined && tolerations.some((toleration) => tolerates(toleration, taint));
}
