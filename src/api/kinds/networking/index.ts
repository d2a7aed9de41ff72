/** Ingresses and their classes, network policies, and the ranges and addresses of services. */
import type { KindBehaviour } from '../behaviour.ts';
import { ingressClassBehaviour } from './ingress-class.ts';
import { ingressBehaviour } from './ingress.ts';
import { networkPolicyBehaviour } from './network-policy.ts';
import { ipAddressBehaviour, serviceCidrBehaviour } from './service-cidr.ts';

export const networkingBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'networking.k8s.io/ingressclasses': ingressClassBehaviour,
  'networking.k8s.io/ingresses': ingressBehaviour,
  'networking.k8s.io/ipaddresses': ipAddressBehaviour,
  'networking.k8s.io/networkpolicies': networkPolicyBehaviour,
  'networking.k8s.io/servicecidrs': serviceCidrBehaviour,
};
