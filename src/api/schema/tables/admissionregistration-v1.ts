/** Types and resources of admissionregistration.k8s.io, version v1, in the form that type-entry.ts reads. */

export const admissionregistrationV1 = `
AuditAnnotation
  # A fact that a policy adds to the audit trail.
  key!+:1:s
    # Its name, after the name of the policy.
  valueExpression!+:2:s
    # Expression of its value. null adds nothing.

ExpressionWarning
  # An expression that may not be right.
  fieldRef!+:2:s
    # Where the expression stands.
  warning!+:3:s
    # What may be wrong.

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
  matchPolicy*:7:s(enum=Equivalent,Exact)
    # Exact, or Equivalent to match other versions of the resource too.

MutatingWebhook
  # A webhook and what it is asked about.
  name!+:1:s
    # Name of the webhook, as a domain name.
  clientConfig!+:2:WebhookClientConfig
    # Where it is.
  rules:3:[]RuleWithOperations(atomic)
    # Requests that it is asked about.
  failurePolicy*:4:s(enum=Fail,Ignore)
    # What a failed call means: Fail or Ignore. Default: Fail.
  matchPolicy*:9:s(enum=Equivalent,Exact)
    # Exact, or Equivalent to be asked about other versions of the resource too.
  namespaceSelector*:5:meta/v1.LabelSelector
    # Labels of the object's namespace. Empty: all.
  objectSelector*:11:meta/v1.LabelSelector
    # Labels of the object. Empty: all.
  sideEffects!*+:6:s(enum=None,NoneOnDryRun,Some,Unknown)
    # Whether a call has effects elsewhere: None or NoneOnDryRun.
  timeoutSeconds*:7:i32
    # How long a call may take, from 1 to 30. Default: 10.
  admissionReviewVersions!+:8:[]s(atomic)
    # Versions of AdmissionReview that it understands.
  reinvocationPolicy*:10:s(enum=IfNeeded,Never)
    # Whether it is asked again when later ones change the object: Never or IfNeeded.
  matchConditions:12:[]MatchCondition(map=name;patch=merge;key=name)
    # Conditions on requests, which must all be true.

MutatingWebhookConfiguration@
  # Admission webhooks that can change or reject requests.
  resource mutatingwebhookconfigurations mutatingwebhookconfiguration cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  webhooks:2:[]MutatingWebhook(map=name;patch=merge;key=name)
    # The webhooks.

MutatingWebhookConfigurationList@
  # A list of objects of the kind MutatingWebhookConfiguration.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]MutatingWebhookConfiguration

NamedRuleWithOperations~
  # Which requests are meant.
  resourceNames:1:[]s(atomic)
    # Names of objects. Empty: all.
  operations:2/1:[]s(atomic;enum=*,CONNECT,CREATE,DELETE,UPDATE)
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

Rule
  # Which requests are meant.
  apiGroups:1:[]s
    # API groups. *: all.
  apiVersions:2:[]s
    # API versions. *: all.
  resources:3:[]s
    # Resources, such as pods, pods/log, */scale or *.
  scope*:4:s
    # Cluster, Namespaced or *. Default: *.

RuleWithOperations
  # Which requests are meant.
  operations:1:[]s(atomic;enum=*,CONNECT,CREATE,DELETE,UPDATE)
    # CREATE, UPDATE, DELETE, CONNECT or *.
  apiGroups:2/1:[]s(atomic)
    # API groups. *: all.
  apiVersions:2/2:[]s(atomic)
    # API versions. *: all.
  resources:2/3:[]s(atomic)
    # Resources, such as pods, pods/log, */scale or *.
  scope*:2/4:s
    # Cluster, Namespaced or *. Default: *.

ServiceReference
  # A Service of the cluster.
  namespace!+:1:s
    # Namespace of the Service.
  name!+:2:s
    # Name of the Service.
  path*:3:s
    # Path to ask for.
  port*:4:i32
    # Port of the Service. Default: 443.

TypeChecking
  # What was found when expressions were checked against types.
  expressionWarnings:1:[]ExpressionWarning(atomic)
    # Expressions that may not be right.

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
  # A list of objects of the kind ValidatingAdmissionPolicyBinding.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ValidatingAdmissionPolicyBinding

ValidatingAdmissionPolicyBindingSpec
  # Where a policy holds.
  policyName:1:s
    # Name of the policy.
  paramRef*:2:ParamRef
    # Objects that parametrise the policy here.
  matchResources*:3:MatchResources
    # Requests that are meant, of those that the policy is about.
  validationActions:4:[]s(set;enum=Audit,Deny,Warn)
    # What a violation leads to: Deny, Warn or Audit.

ValidatingAdmissionPolicyList@
  # A list of objects of the kind ValidatingAdmissionPolicy.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ValidatingAdmissionPolicy

ValidatingAdmissionPolicySpec
  # What a policy is about, and what it asks or changes.
  paramKind*:1:ParamKind
    # Kind of the objects that parametrise it.
  matchConstraints*:2:MatchResources
    # Requests that it is about.
  validations:3:[]Validation(atomic)
    # Expressions that must be true.
  failurePolicy*:4:s(enum=Fail,Ignore)
    # What an expression that fails means: Fail or Ignore. Default: Fail.
  auditAnnotations:5:[]AuditAnnotation(atomic)
    # Facts for the audit trail.
  matchConditions:6:[]MatchCondition(map=name;patch=merge;key=name)
    # Conditions on requests, which must all be true.
  variables:7:[]Variable(map=name;patch=merge;key=name)
    # Expressions with names, for use in others.

ValidatingAdmissionPolicyStatus
  # Observed state of a policy.
  observedGeneration:1:i64
    # Generation that the status is about.
  typeChecking*:2:TypeChecking
    # What was found when expressions were checked against types.
  conditions:3:[]meta/v1.Condition(map=type)
    # Facts about its state.

ValidatingWebhook
  # A webhook and what it is asked about.
  name!+:1:s
    # Name of the webhook, as a domain name.
  clientConfig!+:2:WebhookClientConfig
    # Where it is.
  rules:3:[]RuleWithOperations(atomic)
    # Requests that it is asked about.
  failurePolicy*:4:s(enum=Fail,Ignore)
    # What a failed call means: Fail or Ignore. Default: Fail.
  matchPolicy*:9:s(enum=Equivalent,Exact)
    # Exact, or Equivalent to be asked about other versions of the resource too.
  namespaceSelector*:5:meta/v1.LabelSelector
    # Labels of the object's namespace. Empty: all.
  objectSelector*:10:meta/v1.LabelSelector
    # Labels of the object. Empty: all.
  sideEffects!*+:6:s(enum=None,NoneOnDryRun,Some,Unknown)
    # Whether a call has effects elsewhere: None or NoneOnDryRun.
  timeoutSeconds*:7:i32
    # How long a call may take, from 1 to 30. Default: 10.
  admissionReviewVersions!+:8:[]s(atomic)
    # Versions of AdmissionReview that it understands.
  matchConditions:11:[]MatchCondition(map=name;patch=merge;key=name)
    # Conditions on requests, which must all be true.

ValidatingWebhookConfiguration@
  # Admission webhooks that can reject requests.
  resource validatingwebhookconfigurations validatingwebhookconfiguration cluster * categories=api-extensions
  metadata+:1:meta/v1.ObjectMeta
  webhooks:2:[]ValidatingWebhook(map=name;patch=merge;key=name)
    # The webhooks.

ValidatingWebhookConfigurationList@
  # A list of objects of the kind ValidatingWebhookConfiguration.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]ValidatingWebhookConfiguration

Validation
  # An expression that must be true.
  expression!+:1:s
    # The expression.
  message:2:s
    # What the client is told when it is not.
  reason*:3:s
    # Reason of the refusal, such as Invalid.
  messageExpression:4:s
    # Expression of the message. It goes before message.

Variable~
  # An expression with a name.
  name!+:1:s
    # Name, used as variables.name.
  expression!+:2:s
    # The expression.

WebhookClientConfig
  # Where a webhook is; by URL or Service.
  url*:3:s
    # URL of the webhook. It begins with https.
  service*:1:ServiceReference
    # Service of the webhook.
  caBundle:2:bytes
    # Authority of its certificate, in PEM. Default: those of the system.
`;
