/** The admission policies in force, compiled, with their bindings. */
import {
  type CompiledExpressions,
  type CompiledMutations,
  compileMutatingPolicy,
  compilePolicy,
  type MutatingAdmissionPolicyBinding,
  type MutatingAdmissionPolicySpec,
  type StoredObject,
  type ValidatingAdmissionPolicyBinding,
  type ValidatingAdmissionPolicySpec,
} from '../../../api/index.ts';
import type { Store } from '../../../state/index.ts';
import { readObjects } from '../../stored/reading.ts';
import { remembered } from '../../stored/remembered.ts';

/** What puts a policy to work, of either kind. */
export type PolicyBinding = MutatingAdmissionPolicyBinding & {
  /** Of a ValidatingAdmissionPolicyBinding. */
  readonly spec: Pick<ValidatingAdmissionPolicyBinding['spec'], 'validationActions'>;
};

/** What policies of both kinds say. */
type PolicySpec = Pick<
  ValidatingAdmissionPolicySpec | MutatingAdmissionPolicySpec,
  'failurePolicy' | 'matchConstraints' | 'matchConditions' | 'paramKind' | 'variables'
>;

/** A policy with what puts it to work. */
interface InForce<Spec extends PolicySpec, Compiled> {
  readonly policy: StoredObject & { readonly spec: Spec };
  readonly bindings: readonly PolicyBinding[];
  /** Compiled at the first use. */
  readonly expressions: () => Compiled;
}

/** A policy of either kind. */
export type AnyPolicy = InForce<PolicySpec, unknown>;
export type PolicyInForce = InForce<ValidatingAdmissionPolicySpec, CompiledExpressions>;
export type MutatingPolicyInForce = InForce<MutatingAdmissionPolicySpec, CompiledMutations>;

const group = 'admissionregistration.k8s.io';

/** The policies that are bound, in the order of their names. */
function registry<Spec extends PolicySpec, Compiled>(
  kind: 'validatingadmissionpolic' | 'mutatingadmissionpolic',
  compile: (spec: Spec) => Compiled,
): (store: Store) => readonly InForce<Spec, Compiled>[] {
  const policies = { group, resource: `${kind}ies` };
  const bindings = { group, resource: `${kind}ybindings` };
  return remembered([policies, bindings], (store) => {
    const all = readObjects<PolicyBinding>(store, bindings);
    return readObjects<InForce<Spec, Compiled>['policy']>(store, policies).flatMap((policy) => {
      const own = all.filter(({ spec }) => spec.policyName === policy.metadata.name);
      if (own.length === 0) return [];
      let compiled: Compiled | undefined;
      return [{ policy, bindings: own, expressions: () => (compiled ??= compile(policy.spec)) }];
    });
  });
}

export const policiesInForce = registry<ValidatingAdmissionPolicySpec, CompiledExpressions>(
  'validatingadmissionpolic',
  compilePolicy,
);
export const mutatingPoliciesInForce = registry<MutatingAdmissionPolicySpec, CompiledMutations>(
  'mutatingadmissionpolic',
  compileMutatingPolicy,
);
