/** The whole nftables rule set of a machine, as one text. */
import { inIpv4Range, ipv4Number, parseIpv4Range } from '../../api/index.ts';
import { fnv1a } from '../../base/index.ts';
import { gatewayOf } from '../network/index.ts';
import type { PolicyRules } from './policy-rules.ts';
import type { Backend, ServicePortView } from './service-ports.ts';

/** A pod's port on the machine's own addresses. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** '' or 0.0.0.0: all of the machine's addresses. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly address: string;
  readonly port: number;
}

/** What the rules of one machine depend on. */
export interface RulesetFacts {
  readonly table: string;
  readonly bridge: string;
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** See BridgeFacts. */
  readonly filtered: boolean;
  /** Addresses of nodes and of the API, which no Service has as an external one. */
  readonly reservedAddresses?: ReadonlySet<string> | undefined;
  /** Where cluster DNS queries go. */
  readonly dns?: { readonly clusterAddress: string; readonly address: string; readonly port: number } | undefined;
  readonly hostPorts: readonly HostPort[];
  /** Absent: no policy isolates a pod here. */
  readonly policies?: PolicyRules | undefined;
}

/** The bit of the packet mark that asks for masquerading. */
const mark = '0x00200000';

interface Chains {
  readonly services: string[];
  readonly nodePorts: string[];
  readonly rejected: string[];
  readonly rejectedNodePorts: string[];
  readonly chains: string[];
  readonly hairpins: Set<string>;
  /** Service address and port, then backend address and port, of everything that UDP may still flow between. */
  readonly udpFlows: string[];
  /** Addresses and ports that are taken: cluster addresses first, then those of the outside by the service's age. */
  readonly taken: Set<string>;
}

/**
 * The whole rule set of the service proxy as one text for `nft -f -`, which the kernel takes over in one transaction.
 *
 *   prerouting, output ─> services (address, protocol, port) ─> svc-… ─> one backend by chance or by the client's
 *   address
 *                      └> node ports (to the machine's own addresses) ─┘
 *
 * Pure. A port without backends is refused at once; the rest of the service range is refused too, so it never leaves
 * the machine. Replies find their way back by connection tracking; packets that would return to their own sender, or
 * past the packet filter on a bridge that is not filtered, leave with the bridge's address instead.
 */
export function ruleset(views: readonly ServicePortView[], facts: RulesetFacts): string {
  const chains: Chains = {
    services: [],
    nodePorts: [],
    rejected: [],
    rejectedNodePorts: [],
    chains: [],
    hairpins: new Set(),
    udpFlows: [],
    taken: new Set(),
  };
  for (const view of views) addClusterAddress(chains, view);
  for (const view of byAge(views)) addOutside(chains, view, facts);
  addHostPorts(chains, facts);
  const { dns } = facts;
  if (dns !== undefined) chains.udpFlows.push(`${dns.clusterAddress} . 53 . ${dns.address} . ${dns.port}`);
  const { table } = facts;
  return [
    `add table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    set('hairpin', 'type ipv4_addr . ipv4_addr', [...chains.hairpins].sort()),
    map('services', 'type ipv4_addr . inet_proto . inet_service : verdict', chains.services),
    map('nodeports', 'type inet_proto . inet_service : verdict', chains.nodePorts),
    set('refused', 'type ipv4_addr . inet_proto . inet_service', chains.rejected),
    set('refusednodeports', 'type inet_proto . inet_service', chains.rejectedNodePorts),
    set('udpflows', 'type ipv4_addr . inet_service . ipv4_addr . inet_service', chains.udpFlows),
    ...chains.chains,
    ...(facts.policies?.parts ?? []),
    ...baseChains(facts),
    ...(facts.policies?.baseChains ?? []),
    '}',
    '',
  ].join('\n');
}

function set(name: string, type: string, elements: readonly string[]): string {
  return `  set ${name} { ${type}; ${elements.length === 0 ? '' : `elements = { ${elements.join(', ')} };`} }`;
}

function map(name: string, type: string, elements: readonly string[]): string {
  return `  map ${name} { ${type}; ${elements.length === 0 ? '' : `elements = { ${elements.join(', ')} };`} }`;
}

const chain = (name: string, rules: readonly string[]): string =>
  [`  chain ${name} {`, ...rules.map((rule) => `    ${rule}`), '  }'].join('\n');

/** Chain names are at most 127 bytes: names that could be longer carry a hash. */
function chainName(view: ServicePortView): string {
  const text = `${view.namespace}/${view.name}/${view.portName || view.port}/${view.protocol}`;
  const hash = fnv1a(text).toString(16).padStart(8, '0');
  return `svc-${view.name.slice(0, 40)}-${hash}-${view.protocol}-${view.port}`.replace(/[^A-Za-z0-9_-]/g, '_');
}

const innerBackends = ({ backends, internalLocal }: ServicePortView): readonly Backend[] =>
  internalLocal ? backends.filter(({ local }) => local) : backends;

/** Those that can be reached from outside, the oldest first. */
function byAge(views: readonly ServicePortView[]): readonly ServicePortView[] {
  const reached = views.filter(
    ({ externalIps, balancerIps, nodePort }) => externalIps.length + balancerIps.length > 0 || nodePort !== 0,
  );
  return reached.sort((one, other) => (one.created < other.created ? -1 : one.created > other.created ? 1 : 0));
}

function addClusterAddress(chains: Chains, view: ServicePortView): void {
  const name = chainName(view);
  const inner = innerBackends(view);
  for (const { address } of view.backends) chains.hairpins.add(`${address} . ${address}`);
  addTarget(chains, `${view.clusterIp} . ${view.protocol} . ${view.port}`, {
    list: inner,
    chain: name,
    udp: view.protocol === 'udp' ? `${view.clusterIp} . ${view.port}` : undefined,
  });
  if (inner.length > 0) chains.chains.push(chain(name, [translate(view, inner)]));
}

/**
 * Whoever may create a Service names addresses of the outside: none of pods and Services, and no external one of the
 * machines, so that nobody's traffic inside the cluster is led away (CVE-2020-8554).
 */
function outsideAddresses(
  { externalIps, balancerIps }: ServicePortView,
  { clusterCidr, serviceCidr, reservedAddresses }: RulesetFacts,
): { readonly external: readonly string[]; readonly balancer: readonly string[] } {
  const ranges = [clusterCidr, serviceCidr].flatMap((range) => parseIpv4Range(range) ?? []);
  const outside = (address: string): boolean => {
    const number = ipv4Number(address) ?? 0;
    return !ranges.some((range) => inIpv4Range(range, number));
  };
  return {
    external: externalIps.filter((address) => outside(address) && reservedAddresses?.has(address) !== true),
    balancer: balancerIps.filter(outside),
  };
}

function addOutside(chains: Chains, view: ServicePortView, facts: RulesetFacts): void {
  const { external, balancer } = outsideAddresses(view, facts);
  if (external.length + balancer.length === 0 && view.nodePort === 0) return;
  const outer = view.externalLocal ? view.backends.filter(({ local }) => local) : view.backends;
  const outerName = `${chainName(view)}-ext`;
  for (const address of external)
    addTarget(chains, `${address} . ${view.protocol} . ${view.port}`, { list: outer, chain: outerName });
  const fence = view.sourceRanges === undefined ? outerName : `${chainName(view)}-from`;
  for (const address of balancer)
    addTarget(chains, `${address} . ${view.protocol} . ${view.port}`, { list: outer, chain: fence });
  if (view.nodePort !== 0 && take(chains, `${view.protocol} . ${view.nodePort}`))
    (outer.length > 0 ? chains.nodePorts : chains.rejectedNodePorts).push(
      `${view.protocol} . ${view.nodePort}${outer.length > 0 ? ` : goto ${outerName}` : ''}`,
    );
  if (outer.length === 0) return;
  // Only the policy Local promises the client's address; otherwise the answer must pass this machine again.
  const masquerade = view.externalLocal
    ? [`ip saddr ${facts.clusterCidr} meta mark set meta mark | ${mark}`]
    : [`meta mark set meta mark | ${mark}`];
  chains.chains.push(chain(outerName, [...masquerade, translate(view, outer)]));
  // What a machine sends to its own address comes from there.
  if (view.sourceRanges !== undefined)
    chains.chains.push(
      chain(fence, [
        ...[...view.sourceRanges, ...balancer].map((from) => `ip saddr ${from} goto ${outerName}`),
        'drop',
      ]),
    );
}

function addTarget(
  chains: Chains,
  key: string,
  target: { readonly list: readonly Backend[]; readonly chain: string; readonly udp?: string | undefined },
): void {
  if (!take(chains, key)) return;
  if (target.udp !== undefined)
    for (const backend of target.list) chains.udpFlows.push(`${target.udp} . ${backend.address} . ${backend.port}`);
  if (target.list.length === 0) chains.rejected.push(key);
  else chains.services.push(`${key} : goto ${target.chain}`);
}

function take(chains: Chains, key: string): boolean {
  if (chains.taken.has(key)) return false;
  chains.taken.add(key);
  return true;
}

function translate(view: ServicePortView, backends: readonly Backend[]): string {
  const l4 = `meta l4proto ${view.protocol}`;
  const [first] = backends;
  if (backends.length === 1 && first !== undefined) return `${l4} dnat to ${first.address}:${first.port}`;
  const entries = backends.map((backend, i) => `${i} : ${backend.address} . ${backend.port}`).join(', ');
  // The client's address decides, so a client keeps its backend as long as the backends stay.
  const pick =
    view.affinitySeconds > 0 ? `jhash ip saddr mod ${backends.length}` : `numgen random mod ${backends.length}`;
  return `${l4} dnat ip addr . port to ${pick} map { ${entries} }`;
}

function addHostPorts(chains: Chains, facts: RulesetFacts): void {
  for (const port of facts.hostPorts) {
    const all = port.hostIp === '' || port.hostIp === '0.0.0.0';
    if (!take(chains, `${all ? '' : `${port.hostIp} . `}${port.protocol} . ${port.hostPort}`)) continue;
    const name = `host-${port.protocol}-${port.hostPort}-${port.hostIp.replaceAll('.', '_') || 'all'}`;
    chains.hairpins.add(`${port.address} . ${port.address}`);
    chains.chains.push(
      chain(name, [
        `ip saddr 127.0.0.0/8 meta mark set meta mark | ${mark}`,
        `ip saddr ${facts.clusterCidr} meta mark set meta mark | ${mark}`,
        `meta l4proto ${port.protocol} dnat to ${port.address}:${port.port}`,
      ]),
    );
    if (all) chains.nodePorts.push(`${port.protocol} . ${port.hostPort} : goto ${name}`);
    else chains.services.push(`${port.hostIp} . ${port.protocol} . ${port.hostPort} : goto ${name}`);
  }
}

function baseChains(facts: RulesetFacts): string[] {
  const { bridge, clusterCidr, serviceCidr, dns } = facts;
  const dnsRules =
    dns === undefined
      ? []
      : ['udp', 'tcp'].map(
          (protocol) => `ip daddr ${dns.clusterAddress} ${protocol} dport 53 dnat to ${dns.address}:${dns.port}`,
        );
  // A connection is reset: the sender of a TCP segment on this machine would take an ICMP answer for a passing trouble
  // and try again.
  const refused = (match: string): string[] => [`${match} meta l4proto tcp reject with tcp reset`, `${match} reject`];
  const refuse = [
    ...refused('ct state new ip daddr . meta l4proto . th dport @refused'),
    ...refused('ct state new fib daddr type local meta l4proto . th dport @refusednodeports'),
    // UDP has no end: connection tracking would lead a client to a backend that is gone for as long as it sends.
    `meta l4proto udp ct direction original ct status dnat ct original ip daddr ${serviceCidr} ` +
      'ct original ip daddr . ct original proto-dst . ip daddr . udp dport != @udpflows reject',
    // DNAT has happened by now: a packet that is still addressed to a service has nobody to answer it.
    ...refused(`ip daddr ${serviceCidr}`),
  ];
  return [
    chain('dispatch', [
      ...dnsRules,
      'ip daddr . meta l4proto . th dport vmap @services',
      'fib daddr type local meta l4proto . th dport vmap @nodeports',
    ]),
    chain('prerouting', ['type nat hook prerouting priority -110; policy accept;', 'jump dispatch']),
    chain('output', ['type nat hook output priority -110; policy accept;', 'jump dispatch']),
    chain('postrouting', [
      'type nat hook postrouting priority 90; policy accept;',
      `meta mark & ${mark} != 0 masquerade`,
      'ip saddr . ip daddr @hairpin masquerade',
      // Pods of other machines see a pod's own address; everyone else answers to this machine, and so must they to the
      // bridge's address, which every machine has.
      `oifname != "${bridge}" ip saddr ${gatewayOf(clusterCidr)} masquerade`,
      `oifname != "${bridge}" ip saddr ${clusterCidr} ip daddr != ${clusterCidr} masquerade`,
      // From loopback or from an address of the machine that a pod could not answer to over the bridge.
      `oifname "${bridge}" ip saddr 127.0.0.0/8 masquerade`,
      ...(facts.filtered
        ? []
        : [`oifname "${bridge}" ip saddr ${clusterCidr} ip daddr ${clusterCidr} ct status dnat masquerade`]),
    ]),
    chain('forward', ['type filter hook forward priority -10; policy accept;', ...refuse]),
    chain('local', ['type filter hook output priority -10; policy accept;', ...refuse]),
    // Loopback is reachable from pods only by translation (route_localnet is on for the bridge).
    chain('input', [
      'type filter hook input priority -10; policy accept;',
      `iifname "${bridge}" ip daddr 127.0.0.0/8 ct status & dnat == 0 drop`,
      ...refuse,
    ]),
  ];
}
