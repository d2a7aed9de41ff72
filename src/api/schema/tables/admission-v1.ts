/** Types and resources of admission.k8s.io, version v1, in the form that type-entry.ts reads. */

export const admissionV1 = `
AdmissionRequest
  # A request that a webhook is asked about.
  uid+:1:s
    # ID of this question, which the answer repeats.
  kind+:2:meta/v1.GroupVersionKind
    # Kind of the object as it is sent.
  resource+:3:meta/v1.GroupVersionResource
    # Resource as it is sent.
  subResource:4:s
    # Subresource, such as status.
  requestKind*:13:meta/v1.GroupVersionKind
    # Kind that the client used.
  requestResource*:14:meta/v1.GroupVersionResource
    # Resource that the client used.
  requestSubResource:15:s
    # Subresource that the client used.
  name:5:s
    # Name of the object. Empty while the server has yet to make one.
  namespace:6:s
    # Namespace of the object.
  operation+:7:s
    # CREATE, UPDATE, DELETE or CONNECT.
  userInfo+:8:authentication/v1.UserInfo
    # Who made the request.
  object+:9:raw
    # The new object.
  oldObject+:10:raw
    # The object before the change.
  dryRun*:11:b
    # Whether nothing will be stored.
  options+:12:raw
    # Options of the request.

AdmissionResponse
  # The answer of a webhook.
  uid+:1:s
    # ID of the question.
  allowed+:2:b
    # Whether the request may go on.
  status*:3:meta/v1.Status
    # What the client is told of a refusal.
  patch:4:bytes
    # Change of the object, in base64.
  patchType*:5:s
    # JSONPatch.
  auditAnnotations:6:{}s
    # Facts for the audit trail.
  warnings:7:[]s
    # Texts that the client is shown.

AdmissionReview@
  # A question to an admission webhook, or its answer.
  request*:1:AdmissionRequest
    # The question.
  response*:2:AdmissionResponse
    # The answer.
`;
