/** Types and resources of networking.k8s.io, version v1, in the form that type-entry.ts reads. */

export const networkingV1 = `
HTTPIngressPath
  # Where requests for a path go.
  path:1:s
    # Path of the requests. It begins with a slash.
  pathType!*+:3:s(enum=Exact,ImplementationSpecific,Prefix)
    # How paths are compared: Exact, Prefix or ImplementationSpecific.
  backend!+:2:IngressBackend
    # Where they go.

HTTPIngressRuleValue
  # Where requests for one host go.
  paths!+:1:[]HTTPIngressPath(atomic)
    # The paths and their backends.

IPAddress@
  # An IP address allocated from a ServiceCIDR and the object that uses it.
  resource ipaddresses ipaddress cluster * short=ip
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:IPAddressSpec

IPAddressList@
  # A list of objects of the kind IPAddress.
  metadata+:1:meta/v1.ListMeta
  items!:2:[]IPAddress

IPAddressSpec
  # What an address is used for.
  parentRef!*:1:ParentReference
    # Object that uses the address.

IPBlock
  # A range of addresses.
  cidr!+:1:s
    # The range, such as 10.0.0.0/8.
  except:2:[]s(atomic)
    # Parts of the range that are not meant.

Ingress@
  # Routes external HTTP traffic to services by host and path.
  resource ingresses ingress namespaced * short=ing
  subresource status Ingress get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:IngressSpec
  status+:3:IngressStatus

IngressBackend
  # Where requests go; one of them is set.
  service*:4:IngressServiceBackend
    # A Service of the same namespace.
  resource*:3:core/v1.TypedLocalObjectReference
    # Another object of the same namespace.

IngressClass@
  # A class of Ingresses and the controller that implements it.
  resource ingressclasses ingressclass cluster *
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:IngressClassSpec

IngressClassList@
  # A list of objects of the kind IngressClass.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]IngressClass

IngressClassParametersReference
  # Object with settings of a class.
  apiGroup*:1:s
    # API group of the object. Empty: the core group.
  kind!+:2:s
    # Kind of the object.
  name!+:3:s
    # Name of the object.
  scope*+:4:s
    # Cluster or Namespace.
  namespace*:5:s
    # Namespace of the object, where it has one.

IngressClassSpec
  # Who serves the Ingresses of a class.
  controller:1:s
    # Name of the controller. It cannot be changed.
  parameters*:2:IngressClassParametersReference
    # Object with settings for the controller.

IngressList@
  # A list of objects of the kind Ingress.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Ingress

IngressLoadBalancerIngress
  # An address by which an Ingress is reached.
  ip:1:s
    # IP address.
  hostname:2:s
    # Host name.
  ports:4:[]IngressPortStatus(atomic)
    # State of its ports.

IngressLoadBalancerStatus
  # Where an Ingress is reached.
  ingress:1:[]IngressLoadBalancerIngress(atomic)
    # Addresses by which it is reached.

IngressPortStatus
  # State of a port of a load balancer.
  port!+:1:i32
    # The port's number.
  protocol!+:2:s(enum=SCTP,TCP,UDP)
    # TCP, UDP or SCTP.
  error*:3:s
    # Why the port does not work, as one word for programs.

IngressRule
  # Where the requests for a host go.
  host:1:s
    # Name of the host, which may begin with *. Empty: all hosts.
  http*:2/1:HTTPIngressRuleValue
    # Paths and their backends. Absent: all go to the default backend.

IngressRuleValue
  # Where requests go.
  http*:1:HTTPIngressRuleValue
    # Paths and their backends.

IngressServiceBackend
  # A port of a Service.
  name!+:1:s
    # Name of the Service.
  port+:2:ServiceBackendPort
    # The port, by name or number.

IngressSpec
  # Which requests go where.
  ingressClassName*:4:s
    # IngressClass that selects the controller for this Ingress.
  defaultBackend*:1:IngressBackend
    # Backend for requests that match no rule.
  tls:2:[]IngressTLS(atomic)
    # TLS certificates for hosts.
  rules:3:[]IngressRule(atomic)
    # Hosts and paths, and the backends they are routed to.

IngressStatus
  # Observed state of an Ingress.
  loadBalancer+:1:IngressLoadBalancerStatus
    # Addresses by which it is reached.

IngressTLS
  # A certificate for some hosts.
  hosts:1:[]s(atomic)
    # Hosts that the certificate is for.
  secretName:2:s
    # Secret with the certificate and its key.

NetworkPolicy@
  # Traffic allowed to and from a set of pods. Pods that no policy selects are not restricted.
  resource networkpolicies networkpolicy namespaced * short=netpol
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:NetworkPolicySpec

NetworkPolicyEgressRule
  # Traffic that pods may send.
  ports:1:[]NetworkPolicyPort(atomic)
    # Ports that it goes to. Empty: all.
  to:2:[]NetworkPolicyPeer(atomic)
    # Who it goes to. Empty: anybody.

NetworkPolicyIngressRule
  # Traffic that pods may receive.
  ports:1:[]NetworkPolicyPort(atomic)
    # Ports that it comes in by. Empty: all.
  from:2:[]NetworkPolicyPeer(atomic)
    # Who it comes from. Empty: anybody.

NetworkPolicyList@
  # A list of objects of the kind NetworkPolicy.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]NetworkPolicy

NetworkPolicyPeer
  # Who traffic comes from or goes to.
  podSelector*:1:meta/v1.LabelSelector
    # Labels of pods, in the namespaces of namespaceSelector or else in the policy's own.
  namespaceSelector*:2:meta/v1.LabelSelector
    # Labels of namespaces. Empty: all.
  ipBlock*:3:IPBlock
    # A range of addresses. Not with the others.

NetworkPolicyPort
  # Ports of traffic.
  protocol*:1:s(enum=SCTP,TCP,UDP)
    # TCP, UDP or SCTP. Default: TCP.
  port*:2:ios
    # Number or name of the port. Absent: all.
  endPort*:3:i32
    # Last port of a range that begins with port.

NetworkPolicySpec
  # Which traffic pods may send and receive.
  podSelector!+:1:meta/v1.LabelSelector
    # Pods that the policy applies to.
  ingress:2:[]NetworkPolicyIngressRule(atomic)
    # Incoming traffic that is allowed.
  egress:3:[]NetworkPolicyEgressRule(atomic)
    # Outgoing traffic that is allowed.
  policyTypes:4:[]s(atomic;enum=Egress,Ingress)
    # Directions that the policy restricts: Ingress, Egress or both.

ParentReference
  # Names the object that uses an address.
  group:1:s
    # API group of the object.
  resource!:2:s
    # Resource of the object, such as services.
  namespace:3:s
    # Namespace of the object.
  name!:4:s
    # Name of the object.

ServiceBackendPort~
  # A port of a Service; one of them is set.
  name:1:s
    # Name of the port.
  number:2:i32
    # Number of the port.

ServiceCIDR@
  # IP ranges from which the addresses of services are allocated.
  resource servicecidrs servicecidr cluster *
  subresource status ServiceCIDR get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ServiceCIDRSpec
  status+:3:ServiceCIDRStatus

ServiceCIDRList@
  # A list of objects of the kind ServiceCIDR.
  metadata+:1:meta/v1.ListMeta
  items!:2:[]ServiceCIDR

ServiceCIDRSpec
  # Ranges that Services get their addresses from.
  cidrs:1:[]s(atomic)
    # The ranges, one for each IP family. They cannot be changed.

ServiceCIDRStatus
  # Observed state of a range.
  conditions:1:[]meta/v1.Condition(map=type;patch=merge;key=type)
    # Whether addresses are given out of it.
`;
