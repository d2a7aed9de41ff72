/** Types and resources of apiregistration.k8s.io, version v1, in the form that type-entry.ts reads. */

export const apiregistrationV1 = `
APIService@
  # A version of an API group, and the server that provides it.
  resource apiservices apiservice cluster * categories=api-extensions
  subresource status APIService get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:APIServiceSpec
  status+:3:APIServiceStatus

APIServiceCondition
  # One fact about the state of an object, and since when it holds.
  type!+:1:s
    # What the condition is about.
  status!+:2:s
    # True, False or Unknown.
  lastTransitionTime+:3:t
    # When the status last changed.
  reason:4:s
    # Cause of the status, as one word for programs.
  message:5:s
    # Cause of the status, as text for people.

APIServiceList@
  # A list of objects of the kind APIService.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]APIService

APIServiceSpec
  # An API version and who serves it.
  service*:1:ServiceReference
    # Service that serves it. Absent: this server.
  group:2:s
    # API group.
  version:3:s
    # API version.
  insecureSkipTLSVerify:4:b
    # Whether the certificate is not checked. Better give caBundle.
  caBundle:5:bytes(atomic)
    # Authority of the certificate, in PEM.
  groupPriorityMinimum!+:7:i32
    # Order of the group among others, from 1 to 20000; higher ones come first.
  versionPriority!+:8:i32
    # Order of the version in its group, from 1 to 1000; higher ones come first.

APIServiceStatus
  # Observed state of an API version.
  conditions:1:[]APIServiceCondition(map=type;patch=merge;key=type)
    # Whether it can be reached.

ServiceReference
  # A Service of the cluster.
  namespace:1:s
    # Namespace of the Service.
  name:2:s
    # Name of the Service.
  port*:3:i32
    # Port of the Service. Default: 443.
`;
