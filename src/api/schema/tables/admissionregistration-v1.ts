/** Types and resources of admissionregistration.k8s.io, version v1, in the form that type-entry.ts reads. */

export const admissionregistrationV1 = `
AuditAnnotation
  key!+:1:s
  valueExpression!+:2:s

ExpressionWarning
  fieldRef!+:2:s
  warning!+:3:s

MatchCondition
  name!+:1:s
  expression!+:2:s

MatchResources~
  namespaceSelector*:1:meta/v1.LabelSelector
  objectSelector*:2:meta/v1.LabelSelector
  resourceRules:3:[]NamedRuleWithOperations(atomic)
  excludeResourceRules:4:[]NamedRuleWithOperations(atomic)
  matchPolicy*:7:s(enum=Equivalent,Exact)

MutatingWebhook
  name!+:1:s
  clientConfig!+:2:WebhookClientConfig
  rules:3:[]RuleWithOperations(atomic)
  failurePolicy*:4:s(enum=Fail,Ignore)
  matchPolicy*:9:s(enum=Equivalent,Exact)
  namespaceSelector*:5:meta/v1.LabelSelector
  objectSelector*:11:meta/v1.LabelSelector
  sideEffects!*+:6:s(enum=None,NoneOnDryRun,Some,Unknown)
  timeoutSeconds*:7:i32
  admissionReviewVersions!+:8:[]s(atomic)
  reinvocationPolicy*:10:s(enum=IfNeeded,Never)
  matchConditions:12:[]MatchCondition(map=name;patch=merge;key=name)

MutatingWebhookConfiguration@
  # Admission webhooks that can change or reject requests.
  resource mutatingwebhookconfigurations mutatingwebhookconfiguration cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  webhooks:2:[]MutatingWebhook(map=name;patch=merge;key=name)

MutatingWebhookConfigurationList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]MutatingWebhookConfiguration

NamedRuleWithOperations~
  resourceNames:1:[]s(atomic)
  operations:2/1:[]s(atomic;enum=*,CONNECT,CREATE,DELETE,UPDATE)
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

Rule
  apiGroups:1:[]s
  apiVersions:2:[]s
  resources:3:[]s
  scope*:4:s

RuleWithOperations
  operations:1:[]s(atomic;enum=*,CONNECT,CREATE,DELETE,UPDATE)
  apiGroups:2/1:[]s(atomic)
  apiVersions:2/2:[]s(atomic)
  resources:2/3:[]s(atomic)
  scope*:2/4:s

ServiceReference
  namespace!+:1:s
  name!+:2:s
  path*:3:s
  port*:4:i32

TypeChecking
  expressionWarnings:1:[]ExpressionWarning(atomic)

ValidatingAdmissionPolicy@
  # CEL expressions that can reject requests.
  resource validatingadmissionpolicies validatingadmissionpolicy cluster * categories=api-extensions
  subresource status ValidatingAdmissionPolicy get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ValidatingAdmissionPolicySpec
  status+:3:ValidatingAdmissionPolicyStatus

ValidatingAdmissionPolicyBinding@
  # Activates a policy, with parameters and for selected resources.
  resource validatingadmissionpolicybindings validatingadmissionpolicybinding cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ValidatingAdmissionPolicyBindingSpec

ValidatingAdmissionPolicyBindingList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ValidatingAdmissionPolicyBinding

ValidatingAdmissionPolicyBindingSpec
  policyName:1:s
  paramRef*:2:ParamRef
  matchResources*:3:MatchResources
  validationActions:4:[]s(set;enum=Audit,Deny,Warn)

ValidatingAdmissionPolicyList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ValidatingAdmissionPolicy

ValidatingAdmissionPolicySpec
  paramKind*:1:ParamKind
  matchConstraints*:2:MatchResources
  validations:3:[]Validation(atomic)
  failurePolicy*:4:s(enum=Fail,Ignore)
  auditAnnotations:5:[]AuditAnnotation(atomic)
  matchConditions:6:[]MatchCondition(map=name;patch=merge;key=name)
  variables:7:[]Variable(map=name;patch=merge;key=name)

ValidatingAdmissionPolicyStatus
  observedGeneration:1:i64
  typeChecking*:2:TypeChecking
  conditions:3:[]meta/v1.Condition(map=type)

ValidatingWebhook
  name!+:1:s
  clientConfig!+:2:WebhookClientConfig
  rules:3:[]RuleWithOperations(atomic)
  failurePolicy*:4:s(enum=Fail,Ignore)
  matchPolicy*:9:s(enum=Equivalent,Exact)
  namespaceSelector*:5:meta/v1.LabelSelector
  objectSelector*:10:meta/v1.LabelSelector
  sideEffects!*+:6:s(enum=None,NoneOnDryRun,Some,Unknown)
  timeoutSeconds*:7:i32
  admissionReviewVersions!+:8:[]s(atomic)
  matchConditions:11:[]MatchCondition(map=name;patch=merge;key=name)

ValidatingWebhookConfiguration@
  # Admission webhooks that can reject requests.
  resource validatingwebhookconfigurations validatingwebhookconfiguration cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  webhooks:2:[]ValidatingWebhook(map=name;patch=merge;key=name)

ValidatingWebhookConfigurationList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ValidatingWebhookConfiguration

Validation
  expression!+:1:s
  message:2:s
  reason*:3:s
  messageExpression:4:s

Variable~
  name!+:1:s
  expression!+:2:s

WebhookClientConfig
  url*:3:s
  service*:1:ServiceReference
  caBundle:2:bytes
`;
