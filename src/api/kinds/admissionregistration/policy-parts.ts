/** The parts that validating and mutating policies share. */

import type { MutatingAdmissionPolicyBindingSpec, MutatingAdmissionPolicySpec, Sent } from '../../objects/index.ts';
import { type FieldError, nameIsDnsSubdomain, required } from '../../machinery/index.ts';
import { givenChoice, invalids, isSet } from '../checks.ts';
import { constraintErrors, defaultMatch } from './match-resources.ts';
import { paramKindErrors, paramRefErrors } from './params.ts';
import { matchConditionsErrors } from './rules-validation.ts';
import { variableErrors } from './variables.ts';

/**
 * What validating and mutating policies say alike: when they are asked, with which parameters and variables, and what
 * their failure means.
 */
type PolicyParts = Pick<
  Sent<MutatingAdmissionPolicySpec>,
  'failurePolicy' | 'matchConditions' | 'matchConstraints' | 'paramKind' | 'variables'
>;

/** `further`: of what the policy matches, as far as its kind wants more of that. */
export function policyPartErrors(
  { failurePolicy, paramKind, matchConstraints, matchConditions, variables }: PolicyParts,
  further: readonly FieldError[] = [],
): FieldError[] {
  return [
    ...givenChoice('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore']),
    ...(paramKind === undefined ? [] : paramKindErrors(paramKind, 'spec.paramKind')),
    ...constraintErrors(matchConstraints),
    ...further,
    ...matchConditionsErrors(matchConditions, 'spec.matchConditions'),
    ...variableErrors(variables),
  ];
}

export function defaultPolicyParts(spec: PolicyParts): void {
  spec.failurePolicy ??= 'Fail';
  defaultMatch(spec.matchConstraints);
}

/** Which policy a binding puts to work, and with which parameters. */
export function bindingPartErrors({
  policyName,
  paramRef,
}: Pick<Sent<MutatingAdmissionPolicyBindingSpec>, 'paramRef' | 'policyName'>): FieldError[] {
  return [
    ...(isSet(policyName)
      ? invalids('spec.policyName', policyName, nameIsDnsSubdomain(policyName, false))
      : [required('spec.policyName')]),
    ...paramRefErrors(paramRef),
  ];
}
