/** Types and resources of networking.k8s.io, version v1, in the form that type-entry.ts reads. */

export const networkingV1 = `
HTTPIngressPath
  path:1:s
  pathType!*+:3:s(enum=Exact,ImplementationSpecific,Prefix)
  backend!+:2:IngressBackend

HTTPIngressRuleValue
  paths!+:1:[]HTTPIngressPath(atomic)

IPAddress@
  # An IP address allocated from a ServiceCIDR and the object that uses it.
  resource ipaddresses ipaddress cluster * short=ip
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:IPAddressSpec

IPAddressList@
  metadata+:1:meta/v1.ListMeta
  items!:2:[]IPAddress

IPAddressSpec
  parentRef!*:1:ParentReference

IPBlock
  cidr!+:1:s
  except:2:[]s(atomic)

Ingress@
  # Routes external HTTP traffic to services by host and path.
  resource ingresses ingress namespaced * short=ing
  subresource status Ingress get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:IngressSpec
  status+:3:IngressStatus

IngressBackend
  service*:4:IngressServiceBackend
  resource*:3:core/v1.TypedLocalObjectReference

IngressClass@
  # A class of Ingresses and the controller that implements it.
  resource ingressclasses ingressclass cluster *
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:IngressClassSpec

IngressClassList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]IngressClass

IngressClassParametersReference
  apiGroup*:1:s
  kind!+:2:s
  name!+:3:s
  scope*+:4:s
  namespace*:5:s

IngressClassSpec
  controller:1:s
  parameters*:2:IngressClassParametersReference

IngressList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Ingress

IngressLoadBalancerIngress
  ip:1:s
  hostname:2:s
  ports:4:[]IngressPortStatus(atomic)

IngressLoadBalancerStatus
  ingress:1:[]IngressLoadBalancerIngress(atomic)

IngressPortStatus
  port!+:1:i32
  protocol!+:2:s(enum=SCTP,TCP,UDP)
  error*:3:s

IngressRule
  host:1:s
  http*:2/1:HTTPIngressRuleValue

IngressRuleValue
  http*:1:HTTPIngressRuleValue

IngressServiceBackend
  name!+:1:s
  port+:2:ServiceBackendPort

IngressSpec
  ingressClassName*:4:s
    # IngressClass that selects the controller for this Ingress.
  defaultBackend*:1:IngressBackend
    # Backend for requests that match no rule.
  tls:2:[]IngressTLS(atomic)
    # TLS certificates for hosts.
  rules:3:[]IngressRule(atomic)
    # Hosts and paths, and the backends they are routed to.

IngressStatus
  loadBalancer+:1:IngressLoadBalancerStatus

IngressTLS
  hosts:1:[]s(atomic)
  secretName:2:s

NetworkPolicy@
  # Traffic allowed to and from a set of pods. Pods that no policy selects are not restricted.
  resource networkpolicies networkpolicy namespaced * short=netpol
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:NetworkPolicySpec

NetworkPolicyEgressRule
  ports:1:[]NetworkPolicyPort(atomic)
  to:2:[]NetworkPolicyPeer(atomic)

NetworkPolicyIngressRule
  ports:1:[]NetworkPolicyPort(atomic)
  from:2:[]NetworkPolicyPeer(atomic)

NetworkPolicyList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]NetworkPolicy

NetworkPolicyPeer
  podSelector*:1:meta/v1.LabelSelector
  namespaceSelector*:2:meta/v1.LabelSelector
  ipBlock*:3:IPBlock

NetworkPolicyPort
  protocol*:1:s(enum=SCTP,TCP,UDP)
  port*:2:ios
  endPort*:3:i32

NetworkPolicySpec
  podSelector!+:1:meta/v1.LabelSelector
    # Pods that the policy applies to.
  ingress:2:[]NetworkPolicyIngressRule(atomic)
    # Incoming traffic that is allowed.
  egress:3:[]NetworkPolicyEgressRule(atomic)
    # Outgoing traffic that is allowed.
  policyTypes:4:[]s(atomic;enum=Egress,Ingress)
    # Directions that the policy restricts: Ingress, Egress or both.

ParentReference
  group:1:s
  resource!:2:s
  namespace:3:s
  name!:4:s

ServiceBackendPort~
  name:1:s
  number:2:i32

ServiceCIDR@
  # IP ranges from which the addresses of services are allocated.
  resource servicecidrs servicecidr cluster *
  subresource status ServiceCIDR get,patch,update
  metadata+:1:meta/v1.ObjectMeta
  spec+:2:ServiceCIDRSpec
  status+:3:ServiceCIDRStatus

ServiceCIDRList@
  metadata+:1:meta/v1.ListMeta
  items!:2:[]ServiceCIDR

ServiceCIDRSpec
  cidrs:1:[]s(atomic)

ServiceCIDRStatus
  conditions:1:[]meta/v1.Condition(map=type;patch=merge;key=type)
`;
