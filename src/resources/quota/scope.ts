/** Which objects a quota counts. */

import type { CountedObject, KubeObject, QuotaRules, ScopeRequirement } from '../../api/index.ts';

export interface QuotaObject extends KubeObject {
  readonly spec?: {
    readonly hard?: Readonly<Record<string, string>> | undefined;
    readonly scopes?: readonly string[] | undefined;
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeRequirement[] | undefined } | undefined;
  };
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>> | undefined;
    readonly used?: Readonly<Record<string, string>> | undefined;
  };
}

/** Whether a quota counts an object: one with scopes counts only objects inside all of them. */
export function inScope(quota: QuotaObject, rules: QuotaRules | undefined, object: CountedObject): boolean {
  const requirements = [
    ...(quota.spec?.scopes ?? []).map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  return requirements.every((requirement) => rules?.inScope?.(object, requirement) === true);
}
