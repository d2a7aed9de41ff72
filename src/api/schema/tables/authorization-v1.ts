/** Types and resources of authorization.k8s.io, version v1, in the form that type-entry.ts reads. */

export const authorizationV1 = `
FieldSelectorAttributes
  # The selector of a list or watch.
  rawSelector:1:s
    # The selector as text. Webhooks should not read it.
  requirements:2:[]meta/v1.FieldSelectorRequirement(atomic)
    # The selector in parts, all of which must match.

LabelSelectorAttributes
  # The selector of a list or watch.
  rawSelector:1:s
    # The selector as text. Webhooks should not read it.
  requirements:2:[]meta/v1.LabelSelectorRequirement(atomic)
    # The selector in parts, all of which must match.

LocalSubjectAccessReview@
  # Checks whether a user or group can perform an action in a namespace.
  resource localsubjectaccessreviews localsubjectaccessreview namespaced create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SubjectAccessReviewSpec
  status+:3:SubjectAccessReviewStatus

NonResourceAttributes
  # A request for a path that is no resource.
  path:1:s
    # The path.
  verb:2:s
    # The method, in lower case.

NonResourceRule
  # What is allowed on paths that are no resources.
  verbs!+:1:[]s(atomic)
    # Methods, in lower case. *: all.
  nonResourceURLs:2:[]s(atomic)
    # Paths. A * at the end stands for all below.

ResourceAttributes
  # A request for a resource.
  namespace:1:s
    # Namespace of the object. Empty: all, or none.
  verb:2:s
    # What is done, such as get. *: anything.
  group:3:s
    # API group. *: all.
  version:4:s
    # API version. *: all.
  resource:5:s
    # Resource, such as pods. *: all.
  subresource:6:s
    # Subresource, such as log.
  name:7:s
    # Name of the object. Empty: all.
  fieldSelector*:8:FieldSelectorAttributes
    # Selector of the request by fields.
  labelSelector*:9:LabelSelectorAttributes
    # Selector of the request by labels.

ResourceRule
  # What is allowed on resources.
  verbs!+:1:[]s(atomic)
    # What may be done, such as get. *: anything.
  apiGroups:2:[]s(atomic)
    # API groups. *: all.
  resources:3:[]s(atomic)
    # Resources, such as pods. *: all; */name: a subresource of all.
  resourceNames:4:[]s(atomic)
    # Names of objects. Empty: all.

SelfSubjectAccessReview@
  # Checks whether the current user can perform an action.
  resource selfsubjectaccessreviews selfsubjectaccessreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SelfSubjectAccessReviewSpec
  status+:3:SubjectAccessReviewStatus

SelfSubjectAccessReviewSpec
  # What is asked: one of the two kinds of attributes.
  resourceAttributes*:1:ResourceAttributes
    # A request for a resource.
  nonResourceAttributes*:2:NonResourceAttributes
    # A request for another path.

SelfSubjectRulesReview@
  # Lists the actions that the current user can perform in a namespace.
  resource selfsubjectrulesreviews selfsubjectrulesreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SelfSubjectRulesReviewSpec
  status+:3:SubjectRulesReviewStatus

SelfSubjectRulesReviewSpec
  # What is asked.
  namespace:1:s
    # Namespace that it is about.

SubjectAccessReview@
  # Checks whether a user or group can perform an action.
  resource subjectaccessreviews subjectaccessreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:SubjectAccessReviewSpec
  status+:3:SubjectAccessReviewStatus

SubjectAccessReviewSpec
  # What is asked: one of the two kinds of attributes.
  resourceAttributes*:1:ResourceAttributes
    # A request for a resource.
  nonResourceAttributes*:2:NonResourceAttributes
    # A request for another path.
  user:3:s
    # Name of the user.
  groups:4:[]s(atomic)
    # Groups of the user.
  extra:5:{}[]s(wrapped)
    # Further facts about the user.
  uid:6:s
    # ID of the user.

SubjectAccessReviewStatus
  # Whether a request is allowed.
  allowed!+:1:b
    # Whether it is.
  denied:4:b
    # Whether somebody forbids it, whatever others say.
  reason:2:s
    # Why, as text for people.
  evaluationError:3:s
    # What could not be looked at. The answer holds all the same.

SubjectRulesReviewStatus
  # What somebody may do in a namespace.
  resourceRules!+:1:[]ResourceRule(atomic)
    # What is allowed on resources.
  nonResourceRules!+:2:[]NonResourceRule(atomic)
    # What is allowed on other paths.
  incomplete!+:3:b
    # Whether there may be more than is listed.
  evaluationError:4:s
    # What could not be looked at.
`;
