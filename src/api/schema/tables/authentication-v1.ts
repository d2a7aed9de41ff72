/** Types and resources of authentication.k8s.io, version v1, in the form that type-entry.ts reads. */

export const authenticationV1 = `
BoundObjectReference
  kind:1:s
  apiVersion:2:s
  name:3:s
  uid:4:s

SelfSubjectReview@
  # Identity that the server has determined for the current user.
  resource selfsubjectreviews selfsubjectreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  status+:2:SelfSubjectReviewStatus

SelfSubjectReviewStatus
  userInfo+:1:UserInfo

TokenRequest@
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:TokenRequestSpec
  status+:3:TokenRequestStatus

TokenRequestSpec
  audiences!+:1:[]s(atomic)
  expirationSeconds*+:4:i64
  boundObjectRef*+:3:BoundObjectReference

TokenRequestStatus
  token!+:1:s
  expirationTimestamp!+:2:t

TokenReview@
  # Checks a token and reports the user it belongs to.
  resource tokenreviews tokenreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:TokenReviewSpec
  status+:3:TokenReviewStatus

TokenReviewSpec
  token:1:s
  audiences:2:[]s(atomic)

TokenReviewStatus
  authenticated:1:b
  user+:2:UserInfo
  audiences:4:[]s(atomic)
  error:3:s

UserInfo
  username:1:s
  uid:2:s
  groups:3:[]s(atomic)
  extra:4:{}[]s(wrapped)
`;
