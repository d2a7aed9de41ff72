/**
 * Cluster DNS, answered on each node from the agent's own view: no pod, no cache to go stale.
 *
 * Contract: records.ts answers a question as a pure function of Services and EndpointSlices (Kubernetes' DNS
 * specification); server.ts carries questions and answers over UDP and TCP; names outside of the cluster go to the
 * machine's resolvers. It listens at a free port of the bridge's address; the proxy's rules lead the cluster DNS
 * address there.
 */
export { viewDnsFacts } from './dns-facts.ts';
export { answerQuestion, type DnsFacts, type DnsOutcome, namesOfAddress } from './records.ts';
export { type DnsServer, type DnsServerOptions, startDnsServer } from './server.ts';
