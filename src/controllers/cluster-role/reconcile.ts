/** Decides the rules of a ClusterRole that is put together from others (its aggregationRule). */
import { type ClusterRole, labelSelectorMatches, type PolicyRule } from '../../api/index.ts';
import { stableText } from '../runtime/index.ts';

/** The rules of all roles that the selectors choose: in the order of selectors, then of names, each rule once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const sorted = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules = new Map<string, PolicyRule>();
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name || !labelSelectorMatches(selector, other.metadata.labels))
        continue;
      for (const rule of other.rules ?? []) {
        const text = stableText(rule);
        if (!rules.has(text)) rules.set(text, rule);
      }
    }
  }
  return [...rules.values()];
}

/** The role to write; undefined: it is no aggregated one, or has its rules already. */
export function planRole(role: ClusterRole, all: readonly ClusterRole[]): ClusterRole | undefined {
  if (role.aggregationRule === undefined || role.metadata.deletionTimestamp !== undefined) return undefined;
  const rules = aggregatedRules(role, all);
  if (stableText(rules) === stableText(role.rules ?? [])) return undefined;
  return { ...role, rules: rules.length === 0 ? null : rules };
}
