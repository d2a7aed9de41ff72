/** Types and resources of admissionregistration.k8s.io, version v1alpha1, in the form that type-entry.ts reads. */

export const admissionregistrationV1alpha1 = `
ApplyConfiguration
  # A change that is merged as server-side apply does.
  expression:1:s
    # Expression of an object with the fields to set.

JSONPatch
  # A change by a JSON patch.
  expression:1:s
    # Expression of a list of JSONPatch operations.

MatchCondition
  # A condition on requests.
  name!+:1:s
    # Name of the condition.
  expression!+:2:s
    # Expression that must be true.

MatchResources~
  # Which requests are meant.
  namespaceSelector*:1:meta/v1.LabelSelector
    # Labels of the object's namespace. Empty: all.
  objectSelector*:2:meta/v1.LabelSelector
    # Labels of the object. Empty: all.
  resourceRules:3:[]NamedRuleWithOperations(atomic)
    # Requests that are meant; one rule must match.
  excludeResourceRules:4:[]NamedRuleWithOperations(atomic)
    # Requests that are not meant, whatever the rules say.
  matchPolicy*:7:s
    # Exact, or Equivalent to match other versions of the resource too.

MutatingAdmissionPolicy@
  # CEL expressions that change objects during admission.
  resource mutatingadmissionpolicies mutatingadmissionpolicy cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:MutatingAdmissionPolicySpec

MutatingAdmissionPolicyBinding@
  # Activates a policy, with parameters and for selected resources.
  resource mutatingadmissionpolicybindings mutatingadmissionpolicybinding cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:MutatingAdmissionPolicyBindingSpec

MutatingAdmissionPolicyBindingList@
  # A list of objects of the kind MutatingAdmissionPolicyBinding.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]MutatingAdmissionPolicyBinding

MutatingAdmissionPolicyBindingSpec
  # Where a policy holds.
  policyName:1:s
    # Name of the policy.
  paramRef*:2:ParamRef
    # Objects that parametrise the policy here.
  matchResources*:3:MatchResources
    # Requests that are meant, of those that the policy is about.

MutatingAdmissionPolicyList@
  # A list of objects of the kind MutatingAdmissionPolicy.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]MutatingAdmissionPolicy

MutatingAdmissionPolicySpec
  # What a policy is about, and what it asks or changes.
  paramKind*:1:ParamKind
    # Kind of the objects that parametrise it.
  matchConstraints*:2:MatchResources
    # Requests that it is about.
  variables:3:[]Variable(atomic)
    # Expressions with names, for use in others.
  mutations:4:[]Mutation(atomic)
    # Changes applied to the object, in order.
  failurePolicy*:5:s
    # What an expression that fails means: Fail or Ignore. Default: Fail.
  matchConditions:6:[]MatchCondition(map=name;patch=merge;key=name)
    # Conditions on requests, which must all be true.
  reinvocationPolicy:7:s
    # IfNeeded runs the policy again if the object was changed after it; Never runs it once.

Mutation
  # A change of the object; one of them is set.
  patchType!+:2:s
    # ApplyConfiguration, merged as in server-side apply, or JSONPatch.
  applyConfiguration*:3:ApplyConfiguration
    # Fields that are merged.
  jsonPatch*:4:JSONPatch
    # Operations that are done in their order.

NamedRuleWithOperations~
  # Which requests are meant.
  resourceNames:1:[]s(atomic)
    # Names of objects. Empty: all.
  operations:2/1:[]s(atomic)
    # CREATE, UPDATE, DELETE, CONNECT or *.
  apiGroups:2/2/1:[]s(atomic)
    # API groups. *: all.
  apiVersions:2/2/2:[]s(atomic)
    # API versions. *: all.
  resources:2/2/3:[]s(atomic)
    # Resources, such as pods, pods/log, */scale or *.
  scope*:2/2/4:s
    # Cluster, Namespaced or *. Default: *.

ParamKind~
  # Kind of the objects that parametrise a policy.
  apiVersion:1:s
    # API group and version of the kind.
  kind:2:s
    # The kind.

ParamRef~
  # Which object parametrises a policy; by name or selector.
  name:1:s
    # Name of the object.
  namespace:2:s
    # Namespace of the object. Default: that of the request.
  selector*:3:meta/v1.LabelSelector
    # Labels of the objects.
  parameterNotFoundAction*:4:s
    # What it means that there is none: Allow or Deny.

Variable
  # An expression with a name.
  name!+:1:s
    # Name, used as variables.name.
  expression!+:2:s
    # The expression.
`;
