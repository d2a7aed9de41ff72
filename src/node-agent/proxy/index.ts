/**
 * The service proxy: Services and EndpointSlices as packet filter rules of this machine.
 *
 * Contract: the rules are one pure function of what the API says (ruleset.ts); proxy.ts applies its text in one transaction when
 * it changed, at most once per 20 ms. The table `troupe_<cluster>` is ours alone; no other table is touched. (The same job as
 * kube-proxy in its nftables mode.)
 */
export { startProxy, type Proxy, type ProxyOptions } from './proxy.ts';
export { type HostPort, ruleset, type RulesetFacts } from './ruleset.ts';
export { type Backend, servicePorts, type ServicePortView } from './service-ports.ts';
