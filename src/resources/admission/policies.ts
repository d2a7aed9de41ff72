import {
  type CompiledExpressions,
  type CompiledMutations,
  compileMutatingPolicy,
  compilePolicy,
  type LabelSelector,
} from '../../api/index.ts';
import type { Store } from '../../state/index.ts';
import { readObjects } from '../reading.ts';
import { remembered } from '../remembered.ts';
import type { RequestRule } from './request-matching.ts';

export interface NamedRule extends RequestRule {
  readonly resourceNames?: readonly string[];
}

/**
 * What a policy or a binding says about the requests that it means (admissionregistration.k8s.io/v1 MatchResources).
 */
export interface MatchResources {
  readonly resourceRules?: readonly NamedRule[];
  readonly excludeResourceRules?: readonly NamedRule[];
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
}

export interface PolicyValidation {
  readonly expression?: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

export interface ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** What policies of both kinds say, as they are stored, with their defaults filled in. */
interface PolicySpec {
  readonly failurePolicy?: string;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: readonly { readonly name?: string; readonly expression?: string }[];
  readonly paramKind?: ParamKind;
  readonly variables?: readonly { readonly name?: string; readonly expression?: string }[];
}

interface ValidatingSpec extends PolicySpec {
  readonly validations?: readonly PolicyValidation[];
  readonly auditAnnotations?: readonly { readonly key?: string; readonly valueExpression?: string }[];
}

export interface Mutation {
  readonly patchType?: string;
  readonly applyConfiguration?: { readonly expression?: string };
  readonly jsonPatch?: { readonly expression?: string };
}

interface MutatingSpec extends PolicySpec {
  readonly mutations?: readonly Mutation[];
  readonly reinvocationPolicy?: string;
}

export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: string;
}

/** What puts a policy to work, of either kind. */
export interface Binding {
  readonly metadata: { readonly name?: string };
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
    /** Of a ValidatingAdmissionPolicyBinding. */
    readonly validationActions?: readonly string[];
  };
}

/** A policy with what puts it to work. */
export interface InForce<Spec extends PolicySpec, Compiled> {
  readonly policy: { readonly metadata: { readonly name?: string }; readonly spec?: Spec };
  readonly bindings: readonly Binding[];
  /** Compiled at the first use. */
  readonly expressions: () => Compiled;
}

/** A policy of either kind. */
export type AnyPolicy = InForce<PolicySpec, unknown>;
export type PolicyInForce = InForce<ValidatingSpec, CompiledExpressions>;
export type MutatingPolicyInForce = InForce<MutatingSpec, CompiledMutations>;

const group = 'admissionregistration.k8s.io';

/** The policies that are bound, in the order of their names. */
function registry<Spec extends PolicySpec, Compiled>(
  kind: 'validatingadmissionpolic' | 'mutatingadmissionpolic',
  compile: (spec: Spec | Record<string, never>) => Compiled,
): (store: Store) => readonly InForce<Spec, Compiled>[] {
  const policies = { group, resource: `${kind}ies` };
  const bindings = { group, resource: `${kind}ybindings` };
  return remembered([policies, bindings], (store) => {
    const all = readObjects<Binding>(store, bindings);
    return readObjects<InForce<Spec, Compiled>['policy']>(store, policies).flatMap((policy) => {
      const own = all.filter(({ spec }) => spec?.policyName === policy.metadata.name);
      if (own.length === 0) return [];
      let compiled: Compiled | undefined;
      return [{ policy, bindings: own, expressions: () => (compiled ??= compile(policy.spec ?? {})) }];
    });
  });
}

export const policiesInForce = registry<ValidatingSpec, CompiledExpressions>('validatingadmissionpolic', compilePolicy);
export const mutatingPoliciesInForce = registry<MutatingSpec, CompiledMutations>(
  'mutatingadmissionpolic',
  compileMutatingPolicy,
);
