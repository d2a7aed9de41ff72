/** Types and resources of discovery.k8s.io, version v1, in the form that type-entry.ts reads. */

export const discoveryV1 = `
Endpoint
  # Something that serves a Service, usually a pod.
  addresses!+:1:[]s(set)
    # Addresses of the endpoint.
  conditions+:2:EndpointConditions
    # Whether it can be used.
  hostname*:3:s
    # Host name of the endpoint.
  targetRef*:4:core/v1.ObjectReference
    # Object behind the endpoint, usually a pod.
  deprecatedTopology:5:{}s
    # Topology of v1beta1, without nodeName and zone.
  nodeName*:6:s
    # Node of the endpoint.
  zone*:7:s
    # Zone of the endpoint.
  hints*:8:EndpointHints
    # Who should use it.

EndpointConditions
  # Whether an endpoint can be used.
  ready*:1:b
    # Whether it takes new connections. Absent: it does.
  serving*:2:b
    # Whether it answers, also while it is ending.
  terminating*:3:b
    # Whether it is ending.

EndpointHints
  # Who should use an endpoint.
  forZones:1:[]ForZone(atomic)
    # Zones that should use it.
  forNodes:2:[]ForNode(atomic)
    # Nodes that should use it.

EndpointPort~
  # A port of endpoints.
  name*:1:s
    # Name of the port, as in the Service.
  protocol*:2:s(enum=SCTP,TCP,UDP)
    # TCP, UDP or SCTP.
  port*:3:i32
    # The port's number.
  appProtocol*:4:s
    # Protocol that is spoken there, such as kubernetes.io/h2c.

EndpointSlice@
  # A subset of the endpoints that implement a service.
  resource endpointslices endpointslice namespaced *
  metadata+:1:meta/v1.ObjectMeta
  addressType!+:4:s(enum=FQDN,IPv4,IPv6)
    # IPv4, IPv6 or FQDN. It cannot be changed.
  endpoints!+:2:[]Endpoint(atomic)
    # The endpoints; up to 1000.
  ports+:3:[]EndpointPort(atomic)
    # Ports of all these endpoints.

EndpointSliceList@
  # A list of objects of the kind EndpointSlice.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]EndpointSlice

ForNode
  # Who should use an endpoint.
  name!+:1:s
    # Name of the node or zone.

ForZone
  # Who should use an endpoint.
  name!+:1:s
    # Name of the node or zone.
`;
