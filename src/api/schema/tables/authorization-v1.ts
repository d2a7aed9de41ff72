/** Types and resources of authorization.k8s.io, version v1, in the form that type-entry.ts reads. */

export const authorizationV1 = `
FieldSelectorAttributes
  rawSelector:1:s
  requirements:2:[]meta/v1.FieldSelectorRequirement(atomic)

LabelSelectorAttributes
  rawSelector:1:s
  requirements:2:[]meta/v1.LabelSelectorRequirement(atomic)

LocalSubjectAccessReview@
  # Checks whether a user or group can perform an action in a namespace.
  resource localsubjectaccessreviews localsubjectaccessreview namespaced create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SubjectAccessReviewSpec
  status+:3:SubjectAccessReviewStatus

NonResourceAttributes
  path:1:s
  verb:2:s

NonResourceRule
  verbs!+:1:[]s(atomic)
  nonResourceURLs:2:[]s(atomic)

ResourceAttributes
  namespace:1:s
  verb:2:s
  group:3:s
  version:4:s
  resource:5:s
  subresource:6:s
  name:7:s
  fieldSelector*:8:FieldSelectorAttributes
  labelSelector*:9:LabelSelectorAttributes

ResourceRule
  verbs!+:1:[]s(atomic)
  apiGroups:2:[]s(atomic)
  resources:3:[]s(atomic)
  resourceNames:4:[]s(atomic)

SelfSubjectAccessReview@
  # Checks whether the current user can perform an action.
  resource selfsubjectaccessreviews selfsubjectaccessreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SelfSubjectAccessReviewSpec
  status+:3:SubjectAccessReviewStatus

SelfSubjectAccessReviewSpec
  resourceAttributes*:1:ResourceAttributes
  nonResourceAttributes*:2:NonResourceAttributes

SelfSubjectRulesReview@
  # Lists the actions that the current user can perform in a namespace.
  resource selfsubjectrulesreviews selfsubjectrulesreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SelfSubjectRulesReviewSpec
  status+:3:SubjectRulesReviewStatus

SelfSubjectRulesReviewSpec
  namespace:1:s

SubjectAccessReview@
  # Checks whether a user or group can perform an action.
  resource subjectaccessreviews subjectaccessreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SubjectAccessReviewSpec
  status+:3:SubjectAccessReviewStatus

SubjectAccessReviewSpec
  resourceAttributes*:1:ResourceAttributes
  nonResourceAttributes*:2:NonResourceAttributes
  user:3:s
  groups:4:[]s(atomic)
  extra:5:{}[]s(wrapped)
  uid:6:s

SubjectAccessReviewStatus
  allowed!+:1:b
  denied:4:b
  reason:2:s
  evaluationError:3:s

SubjectRulesReviewStatus
  resourceRules!+:1:[]ResourceRule(atomic)
  nonResourceRules!+:2:[]NonResourceRule(atomic)
  incomplete!+:3:b
  evaluationError:4:s
`;
