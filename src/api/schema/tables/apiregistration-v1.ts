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
  type!+:1:s
  status!+:2:s
  lastTransitionTime+:3:t
  reason:4:s
  message:5:s

APIServiceList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]APIService

APIServiceSpec
  service*:1:ServiceReference
  group:2:s
  version:3:s
  insecureSkipTLSVerify:4:b
  caBundle:5:bytes(atomic)
  groupPriorityMinimum!+:7:i32
  versionPriority!+:8:i32

APIServiceStatus
  conditions:1:[]APIServiceCondition(map=type;patch=merge;key=type)

ServiceReference
  namespace:1:s
  name:2:s
  port*:3:i32
`;
