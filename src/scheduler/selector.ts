import { labelSelectorMatches, tolerates } from '../api/index.ts';
import type { LabelSelector, Taint, Toleration } from './objects.ts';

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

export function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  return tolerations !== undefined && tolerations.some((toleration) => tolerates(toleration, taint));
}
