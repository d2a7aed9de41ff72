/** Defaults and validates matchConstraints and matchResources. */

import type { MatchResources, Sent } from '../../objects/index.ts';
import { type FieldError, required, validateLabelSelector } from '../../machinery/index.ts';
import { each, givenChoice } from '../checks.ts';
import { namedRuleErrors } from './rules-validation.ts';

/** What policies and bindings leave out of the requests that they mean. */
export function defaultMatch(match: Sent<MatchResources> | undefined): void {
  if (match === undefined) return;
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  match.matchPolicy ??= 'Equivalent';
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

export function matchErrors(match: Sent<MatchResources>, path: string): FieldError[] {
  return [
    ...givenChoice(`${path}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact']),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...each(`${path}.resourceRules`, match.resourceRules, namedRuleErrors),
    ...each(`${path}.excludeResourceRules`, match.excludeResourceRules, namedRuleErrors),
  ];
}

/** Which requests a policy means. It has to name resources, whose types its expressions are held against. */
export function constraintErrors(match: Sent<MatchResources> | undefined): FieldError[] {
  const path = 'spec.matchConstraints';
  if (match === undefined) return [required(path)];
  return [
    ...matchErrors(match, path),
    ...((match.resourceRules?.length ?? 0) === 0 ? [required(`${path}.resourceRules`)] : []),
  ];
}
