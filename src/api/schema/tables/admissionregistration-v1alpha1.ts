/** Types and resources of admissionregistration.k8s.io, version v1alpha1, in the form that type-entry.ts reads. */

export const admissionregistrationV1alpha1 = `
ApplyConfiguration
  expression:1:s

JSONPatch
  expression:1:s

MatchCondition
  name!+:1:s
  expression!+:2:s

MatchResources~
  namespaceSelector*:1:meta/v1.LabelSelector
  objectSelector*:2:meta/v1.LabelSelector
  resourceRules:3:[]NamedRuleWithOperations(atomic)
  excludeResourceRules:4:[]NamedRuleWithOperations(atomic)
  matchPolicy*:7:s

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
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]MutatingAdmissionPolicyBinding

MutatingAdmissionPolicyBindingSpec
  policyName:1:s
  paramRef*:2:ParamRef
  matchResources*:3:MatchResources

MutatingAdmissionPolicyList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]MutatingAdmissionPolicy

MutatingAdmissionPolicySpec
  paramKind*:1:ParamKind
  matchConstraints*:2:MatchResources
  variables:3:[]Variable(atomic)
  mutations:4:[]Mutation(atomic)
    # Changes applied to the object, in order.
  failurePolicy*:5:s
  matchConditions:6:[]MatchCondition(map=name;patch=merge;key=name)
  reinvocationPolicy:7:s
    # IfNeeded runs the policy again if the object was changed after it; Never runs it once.

Mutation
  patchType!+:2:s
    # ApplyConfiguration, merged as in server-side apply, or JSONPatch.
  applyConfiguration*:3:ApplyConfiguration
  jsonPatch*:4:JSONPatch

NamedRuleWithOperations~
  resourceNames:1:[]s(atomic)
  operations:2/1:[]s(atomic)
  apiGroups:2/2/1:[]s(atomic)
  apiVersions:2/2/2:[]s(atomic)
  resources:2/2/3:[]s(atomic)
  scope*:2/2/4:s

ParamKind~
  apiVersion:1:s
  kind:2:s

ParamRef~
  name:1:s
  namespace:2:s
  selector*:3:meta/v1.LabelSelector
  parameterNotFoundAction*:4:s

Variable
  name!+:1:s
  expression!+:2:s
`;
