/** Which objects a quota counts. */

import type { CountedObject, QuotaRules, ResourceQuota, ScopeRequirement } from '../../api/index.ts';

/** Whether a quota counts an object: one with scopes counts only objects inside all of them. */
export function inScope(quota: ResourceQuota, rules: QuotaRules | undefined, object: CountedObject): boolean {
  const requirements = [
    ...(quota.spec.scopes ?? []).map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec.scopeSelector?.matchExpressions ?? []),
  ];
  return requirements.every((requirement) => rules?.inScope?.(object, requirement) === true);
}
