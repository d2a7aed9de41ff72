import { type CompiledExpressions, compilePolicy, type LabelSelector } from '../../api/index.ts';
import type { Store } from '../../state/index.ts';
import { collectionPrefix } from '../key.ts';
import { readObjects } from '../reading.ts';
import type { RequestRule } from './request-matching.ts';

export interface NamedRule extends RequestRule {
  readonly resourceNames?: readonly string[];
}

/** What a policy or a binding says about the requests that it means (admissionregistration.k8s.io/v1 MatchResources). */
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

/** A ValidatingAdmissionPolicy as it is stored, with its defaults filled in. */
export interface Policy {
  readonly metadata: { readonly name?: string };
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly matchConstraints?: MatchResources;
    readonly matchConditions?: readonly { readonly name?: string; readonly expression?: string }[];
    readonly paramKind?: ParamKind;
    readonly validations?: readonly PolicyValidation[];
    readonly auditAnnotations?: readonly { readonly key?: string; readonly valueExpression?: string }[];
    readonly variables?: readonly { readonly name?: string; readonly expression?: string }[];
  };
}

export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelector;
  readonly parameterNotFoundAction?: string;
}

/** A ValidatingAdmissionPolicyBinding. */
export interface Binding {
  readonly metadata: { readonly name?: string };
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
    readonly validationActions?: readonly string[];
  };
}

/** A policy with what puts it to work. */
export interface PolicyInForce {
  readonly policy: Policy;
  readonly bindings: readonly Binding[];
  /** Compiled at the first use. */
  readonly expressions: () => CompiledExpressions;
}

const group = 'admissionregistration.k8s.io';
const policies = { group, resource: 'validatingadmissionpolicies' };
const bindings = { group, resource: 'validatingadmissionpolicybindings' };
const prefixes = [collectionPrefix(policies), collectionPrefix(bindings)];

const known = new WeakMap<Store, { list: readonly PolicyInForce[] | undefined }>();

/** The policies that are bound, in the order of their names; kept until a policy or a binding changes. */
export function policiesInForce(store: Store): readonly PolicyInForce[] {
  let entry = known.get(store);
  if (entry === undefined) {
    const made: { list: readonly PolicyInForce[] | undefined } = { list: undefined };
    store.onApplied((events) => { if (events.some(({ record }) => prefixes.some((prefix) => record.key.startsWith(prefix)))) made.list = undefined; });
    known.set(store, made);
    entry = made;
  }
  return (entry.list ??= readPolicies(store));
}

function readPolicies(store: Store): readonly PolicyInForce[] {
  const all = readObjects<Binding>(store, bindings);
  return readObjects<Policy>(store, policies).flatMap((policy) => {
    const own = all.filter(({ spec }) => spec?.policyName === policy.metadata.name);
    if (own.length === 0) return [];
    let compiled: CompiledExpressions | undefined;
    return [{ policy, bindings: own, expressions: () => (compiled ??= compilePolicy(policy.spec ?? {})) }];
  });
}
