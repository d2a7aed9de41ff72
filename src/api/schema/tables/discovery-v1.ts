/** Types and resources of discovery.k8s.io, version v1, in the form that type-entry.ts reads. */

export const discoveryV1 = `
Endpoint
  addresses!+:1:[]s(set)
  conditions+:2:EndpointConditions
  hostname*:3:s
  targetRef*:4:core/v1.ObjectReference
  deprecatedTopology:5:{}s
  nodeName*:6:s
  zone*:7:s
  hints*:8:EndpointHints

EndpointConditions
  ready*:1:b
  serving*:2:b
  terminating*:3:b

EndpointHints
  forZones:1:[]ForZone(atomic)
  forNodes:2:[]ForNode(atomic)

EndpointPort~
  name*:1:s
  protocol*:2:s(enum=SCTP,TCP,UDP)
  port*:3:i32
  appProtocol*:4:s

EndpointSlice@
  # A subset of the endpoints that implement a service.
  resource endpointslices endpointslice namespaced *
  metadata+:1:meta/v1.ObjectMeta
  addressType!+:4:s(enum=FQDN,IPv4,IPv6)
  endpoints!+:2:[]Endpoint(atomic)
  ports+:3:[]EndpointPort(atomic)

EndpointSliceList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]EndpointSlice

ForNode
  name!+:1:s

ForZone
  name!+:1:s
`;
