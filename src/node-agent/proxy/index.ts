/**
 * The service proxy: Services, EndpointSlices and NetworkPolicies as packet filter rules of this machine.
 *
 * Contract: the rules are one pure function of what the API says (ruleset.ts, policy-rules.ts); proxy.ts applies its
 * text in one transaction when it changed, at most once per 20 ms. The table `troupe_<cluster>` is ours alone; no other
 * table is touched. (The job of kube-proxy in its nftables mode, and of a network plug-in.)
 */
export { startProxy, type Proxy } from './proxy.ts';
export type { ProxyPlaces } from './proxy-ports.ts';
export { type HostPort, ruleset } from './ruleset.ts';
export { servicePorts } from './service-ports.ts';
