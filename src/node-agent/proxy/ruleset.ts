/** The whole nftables rule set of a machine, for one family of addresses. */
import { familyOf, type IpFamily } from '../../api/index.ts';
import { joinHostPort } from '../../base/index.ts';
import { gatewayOf } from '../network/index.ts';
import { filterAddress, nameOfAddress, packetWords } from './packet-words.ts';
import type { PolicyRules } from './policy-rules.ts';
import {
  chainsAmong,
  isReachedFromOutside,
  masqueradeMark,
  type ServiceChains,
  targetKey,
  translation,
} from './service-chains.ts';
import type { Backend, ServicePortView } from './service-ports.ts';
import { serviceRanges } from './service-ranges.ts';
import { addShared, noSharedBackends, type SharedBackends, sharedChains } from './shared-chains.ts';
import type { Table, TableChain, TableSet } from './table.ts';

/** A pod's port on the machine's own addresses. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** '' or 0.0.0.0 (`::` for IPv6): all of the machine's addresses. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly address: string;
  readonly port: number;
}

/** What the rules of one machine depend on. */
export interface RulesetFacts {
  readonly family: IpFamily;
  readonly table: string;
  readonly bridge: string;
  /** The device of packets to machines behind a router. */
  readonly overlay: string;
  /** The family's ranges of pods and Services. */
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  /** Ranges of Services that were added to that one. */
  readonly addedServiceCidrs?: readonly string[] | undefined;
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

/** A Service's address and port that UDP is sent to, and the backends that it may lead to now. */
export interface UdpTarget {
  /** Undefined: every address of the machine. */
  readonly address: string | undefined;
  readonly port: number;
  /** It counts at addresses that the machine has, and at no other. */
  readonly isMachines: boolean;
  /** Each as `joinHostPort` writes it. */
  readonly backends: ReadonlySet<string>;
}

/** The rules of a machine, and what connection tracking must not remember otherwise. */
export interface Ruleset {
  readonly table: Table;
  readonly udp: readonly UdpTarget[];
}

interface Draft {
  readonly services: string[];
  /** Pods' ports at one address that may be this machine's: the kernel says whether it is. */
  readonly machinePorts: string[];
  readonly nodePorts: string[];
  readonly rejected: string[];
  readonly rejectedNodePorts: string[];
  readonly chains: Map<string, TableChain>;
  readonly shared: SharedBackends;
  readonly affinity: Map<string, TableSet>;
  readonly hairpins: Set<string>;
  readonly udp: UdpTarget[];
  readonly udpFlows: Set<string>;
  /** Addresses and ports that are taken: cluster addresses first, then those of the outside by the service's age. */
  readonly taken: Set<string>;
}

/**
 * The whole rule set of the service proxy.
 *
 *   prerouting, output ─> services (address, protocol, port) ─> svc-… ─> one backend by chance, or the one that the
 *                      ├> ports of one address of the machine ─┤            client had before (session affinity)
 *                      ├> node ports (at all of its addresses) ─┘
 *                      └> most Services ─> chains that they share (shared-chains.ts)
 *
 * Pure. A port without backends is refused at once; the rest of the service range is refused too, so it never leaves
 * the machine. Replies find their way back by connection tracking; packets that would return to their own sender, or
 * past the packet filter on a bridge that is not filtered, leave with the bridge's address instead.
 */
export function ruleset(views: readonly ServicePortView[], facts: RulesetFacts): Ruleset {
  const draft: Draft = {
    services: [],
    machinePorts: [],
    nodePorts: [],
    rejected: [],
    rejectedNodePorts: [],
    chains: new Map(),
    shared: noSharedBackends(),
    affinity: new Map(),
    hairpins: new Set(),
    udp: [],
    udpFlows: new Set(),
    taken: new Set(),
  };
  const chainsOf = chainsAmong(views, facts);
  for (const view of views) addClusterAddress(draft, view, chainsOf(view));
  for (const view of byAge(views)) addOutside(draft, view, { ...chainsOf(view), reserved: facts.reservedAddresses });
  addHostPorts(draft, facts);
  const { dns } = facts;
  if (dns !== undefined) addUdp(draft, { address: dns.clusterAddress, port: 53, list: [dns] });
  const { ip, address: addressType } = packetWords[facts.family];
  const shared = sharedChains(draft.shared, facts.family);
  const sets: (readonly [string, TableSet])[] = [
    ['hairpin', set(`type ${addressType} . ${addressType}`, [...draft.hairpins])],
    ['services', map(`type ${addressType} . inet_proto . inet_service : verdict`, draft.services)],
    ['machineports', map(`type ${addressType} . inet_proto . inet_service : verdict`, draft.machinePorts)],
    ['nodeports', map('type inet_proto . inet_service : verdict', draft.nodePorts)],
    ['refused', set(`type ${addressType} . inet_proto . inet_service`, draft.rejected)],
    ['refusednodeports', set('type inet_proto . inet_service', draft.rejectedNodePorts)],
    ['udpflows', set(`type ${addressType} . inet_service . ${addressType} . inet_service`, [...draft.udpFlows])],
  ];
  const table: Table = {
    name: `${ip} ${facts.table}`,
    sets: new Map([...sets, ...shared.sets, ...draft.affinity, ...(facts.policies?.sets ?? [])]),
    chains: new Map([
      ...draft.chains,
      ...shared.chains,
      ...(facts.policies?.chains ?? []),
      ...baseChains(facts),
      ...(facts.policies?.baseChains ?? []),
    ]),
  };
  return { table, udp: draft.udp };
}

const set = (definition: string, elements: readonly string[]): TableSet => ({ kind: 'set', definition, elements });
const map = (definition: string, elements: readonly string[]): TableSet => ({ kind: 'map', definition, elements });

/** Those that can be reached from outside, the oldest first. */
function byAge(views: readonly ServicePortView[]): readonly ServicePortView[] {
  return views
    .filter(isReachedFromOutside)
    .sort((one, other) => (one.created < other.created ? -1 : one.created > other.created ? 1 : 0));
}

function addClusterAddress(draft: Draft, view: ServicePortView, own: ServiceChains): void {
  const { innerName, inner, innerKey, hairpins, shared, chains, affinity } = own;
  for (const hairpin of hairpins) draft.hairpins.add(hairpin);
  const target = { address: view.clusterIp, key: innerKey, list: inner, chain: innerName };
  const isTaken = addTarget(draft, view, target);
  if (isTaken && shared !== undefined && inner.length > 0) addShared(draft.shared, shared);
  for (const [name, chain] of chains) draft.chains.set(name, chain);
  for (const [name, clients] of affinity) draft.affinity.set(name, clients);
}

interface Outside extends ServiceChains {
  readonly reserved?: ReadonlySet<string> | undefined;
}

/** No Service has an address of the API or of a node as an external one. */
function addOutside(
  draft: Draft,
  view: ServicePortView,
  { outer, outerName, outsideRefused, fence, external, balancer, reserved }: Outside,
): void {
  for (const address of external)
    if (reserved?.has(address) !== true)
      addTarget(draft, view, { address, list: outer, chain: outerName, outsideRefused });
  for (const address of balancer) addTarget(draft, view, { address, list: outer, chain: fence, outsideRefused });
  const key = `${view.protocol} . ${view.nodePort}`;
  if (view.nodePort === 0 || !take(draft, key)) return;
  if (view.protocol === 'udp')
    addUdp(draft, { address: undefined, port: view.nodePort, list: outer, isMachines: true });
  if (outer.length === 0 || outsideRefused) draft.rejectedNodePorts.push(key);
  if (outer.length > 0) draft.nodePorts.push(`${key} : goto ${outerName}`);
}

interface Target {
  readonly address: string;
  /** The `targetKey` of the address. */
  readonly key?: string | undefined;
  readonly list: readonly Backend[];
  readonly chain: string;
  /** See ServiceChains: what the chain leaves as it came is refused. */
  readonly outsideRefused?: boolean | undefined;
}

/** Whether the address and port were free. */
function addTarget(draft: Draft, view: ServicePortView, target: Target): boolean {
  const { address, key = targetKey(view, address), list, chain, outsideRefused = false } = target;
  if (!take(draft, key)) return false;
  if (view.protocol === 'udp') addUdp(draft, { address, port: view.port, list });
  if (list.length === 0 || outsideRefused) draft.rejected.push(key);
  if (list.length > 0) draft.services.push(`${key} : goto ${chain}`);
  return true;
}

interface UdpPlace {
  /** See UdpTarget. */
  readonly address: string | undefined;
  readonly port: number;
  readonly isMachines?: boolean | undefined;
  readonly list: readonly Pick<Backend, 'address' | 'port'>[];
}

function addUdp(draft: Draft, { address, port, list, isMachines = false }: UdpPlace): void {
  const backends = new Set(list.map((backend) => joinHostPort(backend.address, backend.port)));
  draft.udp.push({ address, port, isMachines, backends });
  if (address === undefined) return;
  for (const backend of list) draft.udpFlows.add(`${address} . ${port} . ${backend.address} . ${backend.port}`);
}

function take(draft: Draft, key: string): boolean {
  if (draft.taken.has(key)) return false;
  draft.taken.add(key);
  return true;
}

function addHostPorts(draft: Draft, facts: RulesetFacts): void {
  const { ip, loopback, anyAddress } = packetWords[facts.family];
  for (const port of facts.hostPorts) {
    const hostIp = port.hostIp === '' ? anyAddress : filterAddress(port.hostIp, facts.family);
    if (familyOf(port.address) !== facts.family || hostIp === undefined) continue;
    const all = hostIp === anyAddress;
    if (!take(draft, `${all ? '' : `${hostIp} . `}${port.protocol} . ${port.hostPort}`)) continue;
    const name = `host-${port.protocol}-${port.hostPort}-${all ? 'all' : nameOfAddress(hostIp)}`;
    draft.hairpins.add(`${port.address} . ${port.address}`);
    const rules = [
      `${ip} saddr ${loopback} meta mark set meta mark | ${masqueradeMark}`,
      `${ip} saddr ${facts.clusterCidr} meta mark set meta mark | ${masqueradeMark}`,
      translation(port.protocol, `to ${joinHostPort(port.address, port.port)}`),
    ];
    draft.chains.set(name, { rules });
    if (all) draft.nodePorts.push(`${port.protocol} . ${port.hostPort} : goto ${name}`);
    else draft.machinePorts.push(`${hostIp} . ${port.protocol} . ${port.hostPort} : goto ${name}`);
    if (port.protocol === 'udp')
      addUdp(draft, { address: all ? undefined : hostIp, port: port.hostPort, list: [port], isMachines: true });
  }
}

/** What nobody answers is refused at once. */
function refusals(facts: RulesetFacts): readonly string[] {
  const { ip } = packetWords[facts.family];
  const services = servicesText(facts);
  // A connection is reset: the sender of a TCP segment on this machine would take an ICMP answer for a passing trouble
  // and try again.
  const refused = (match: string): string[] => [`${match} meta l4proto tcp reject with tcp reset`, `${match} reject`];
  return [
    ...refused(`ct state new ${ip} daddr . meta l4proto . th dport @refused`),
    ...refused('ct state new fib daddr type local meta l4proto . th dport @refusednodeports'),
    // UDP has no end: connection tracking would lead a client to a backend that is gone for as long as it sends.
    `meta l4proto udp ct direction original ct status dnat ct original ${ip} daddr ${services} ` +
      `ct original ${ip} daddr . ct original proto-dst . ${ip} daddr . udp dport != @udpflows reject`,
    // What connection tracking takes for no part of its connection is not translated, and a reset would end that.
    `ct state invalid ${ip} daddr ${services} drop`,
    // DNAT has happened by now: a packet that is still addressed to a service has nobody to answer it.
    ...refused(`${ip} daddr ${services}`),
  ];
}

/** The ranges of Services as the right side of a match. */
function servicesText(facts: RulesetFacts): string {
  const { refused } = serviceRanges(facts);
  return refused.length === 1 ? (refused[0] ?? '') : `{ ${refused.join(', ')} }`;
}

/** Pods do not talk by addresses of the link, which no policy knows; they find each other's own ones. */
function betweenPods({ family }: RulesetFacts): readonly string[] {
  const { ip, discovery, linkLocal } = packetWords[family];
  if (linkLocal === undefined) return [];
  return [...discovery, ...['saddr', 'daddr'].map((side) => `${ip} ${side} ${linkLocal} drop`)];
}

/** What leaves with an address of the machine. */
function departures(facts: RulesetFacts): readonly string[] {
  const { family, bridge, clusterCidr, filtered } = facts;
  const { ip, loopback } = packetWords[family];
  return [
    `meta mark & ${masqueradeMark} != 0 goto own-address`,
    `${ip} saddr . ${ip} daddr @hairpin goto own-address`,
    // Pods of other machines see a pod's own address; everyone else answers to this machine, and so must they to
    // the bridge's address, which every machine has.
    `oifname != "${bridge}" ${ip} saddr ${gatewayOf(clusterCidr)} masquerade`,
    `oifname != "${bridge}" ${ip} saddr ${clusterCidr} ${ip} daddr != ${clusterCidr} masquerade`,
    // Nobody could answer to loopback, and a program of this machine would answer from there.
    `${ip} saddr ${loopback} ${ip} daddr != ${loopback} goto own-address`,
    // Who comes from outside to a cluster address, by a route of the operator's, gets the answer by this machine.
    `${ip} saddr != ${clusterCidr} ct status dnat ct original ${ip} daddr ${servicesText(facts)} goto own-address`,
    ...(filtered
      ? []
      : [`oifname "${bridge}" ${ip} saddr ${clusterCidr} ${ip} daddr ${clusterCidr} ct status dnat goto own-address`]),
  ];
}

function baseChains(facts: RulesetFacts): readonly (readonly [string, TableChain])[] {
  const { bridge, clusterCidr, dns } = facts;
  const { ip, loopback } = packetWords[facts.family];
  const dnsRules =
    dns === undefined
      ? []
      : ['udp', 'tcp'].map(
          (protocol) =>
            `${ip} daddr ${dns.clusterAddress} ${protocol} dport 53 dnat to ${joinHostPort(dns.address, dns.port)}`,
        );
  const refuse = refusals(facts);
  const hook = (at: string, priority: string, rules: readonly string[]): TableChain => ({
    hook: `type ${at} priority ${priority}; policy accept;`,
    rules,
  });
  return [
    [
      'dispatch',
      {
        rules: [
          ...dnsRules,
          `${ip} daddr . meta l4proto . th dport vmap @services`,
          `fib daddr type local ${ip} daddr . meta l4proto . th dport vmap @machineports`,
          'fib daddr type local meta l4proto . th dport vmap @nodeports',
        ],
      },
    ],
    // The kernel forgets who was masqueraded on a device that goes. With a fixed address it leads them on when the
    // bridge is made again: an answer that comes before the next question would be refused by the machine as nobody's.
    ['own-address', { rules: [`oifname "${bridge}" snat to ${gatewayOf(clusterCidr)}`, 'masquerade'] }],
    ['prerouting', hook('nat hook prerouting', '-110', ['jump dispatch'])],
    ['output', hook('nat hook output', '-110', ['jump dispatch'])],
    ['postrouting', hook('nat hook postrouting', '90', departures(facts))],
    // What leaves in the overlay must fit into it.
    [
      'forward',
      hook('filter hook forward', '-10', [
        // As kube-proxy does: an endpoint's packet would reach the client as a stranger's, whom the client would reset.
        'ct state invalid drop',
        `oifname "${facts.overlay}" tcp flags syn tcp option maxseg size set rt mtu`,
        ...betweenPods(facts),
        ...refuse,
      ]),
    ],
    ['local', hook('filter hook output', '-10', refuse)],
    // Loopback is reachable from pods only by translation (route_localnet is on for the bridge).
    [
      'input',
      hook('filter hook input', '-10', [
        `iifname "${bridge}" ${ip} daddr ${loopback} ct status & dnat == 0 drop`,
        ...refuse,
      ]),
    ],
  ];
}
