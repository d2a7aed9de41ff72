/** Types and resources of authentication.k8s.io, version v1, in the form that type-entry.ts reads. */

export const authenticationV1 = `
BoundObjectReference
  # Object with which a token lives and ends.
  kind:1:s
    # Kind of the object: Pod, Node or Secret.
  apiVersion:2:s
    # API group and version of the object.
  name:3:s
    # Name of the object.
  uid:4:s
    # UID of the object.

SelfSubjectReview@
  # Identity that the server has determined for the current user.
  resource selfsubjectreviews selfsubjectreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  status+:2:SelfSubjectReviewStatus

SelfSubjectReviewStatus
  # Who asks.
  userInfo+:1:UserInfo
    # The user.

TokenRequest@
  # Asks for a token of a service account.
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:TokenRequestSpec
  status+:3:TokenRequestStatus

TokenRequestSpec
  # The token that is asked for.
  audiences!+:1:[]s(atomic)
    # Who the token is for.
  expirationSeconds*+:4:i64
    # Wanted life of the token, in seconds. The answer says what was given.
  boundObjectRef*+:3:BoundObjectReference
    # Object with which the token lives and ends.

TokenRequestStatus
  # The token that was given.
  token!+:1:s
    # The token.
  expirationTimestamp!+:2:t
    # When it ends.

TokenReview@
  # Checks a token and reports the user it belongs to.
  resource tokenreviews tokenreview cluster create
  metadata+:1:meta/v1.ObjectMeta
  spec!+:2:TokenReviewSpec
  status+:3:TokenReviewStatus

TokenReviewSpec
  # The token that is asked about.
  token:1:s
    # The token.
  audiences:2:[]s(atomic)
    # Who it should be for. Default: the API server.

TokenReviewStatus
  # Whose token it is.
  authenticated:1:b
    # Whether it is good.
  user+:2:UserInfo
    # Whose it is.
  audiences:4:[]s(atomic)
    # Those of the asked audiences that it is good for.
  error:3:s
    # Why it could not be checked.

UserInfo
  # Facts about a user.
  username:1:s
    # Name of the user.
  uid:2:s
    # ID of the user, which no other gets.
  groups:3:[]s(atomic)
    # Groups of the user.
  extra:4:{}[]s(wrapped)
    # Further facts, from the way in which the user was recognised.
`;
