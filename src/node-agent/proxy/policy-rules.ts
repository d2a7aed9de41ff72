/** NetworkPolicies as chains and sets of the packet filter. */
import {
  type EndpointSlice,
  type IpFamily,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
} from '../../api/index.ts';
import {
  type AddressSet,
  fingerprint,
  isNamed,
  peersOf,
  policyLabel,
  setLabel,
  selectedPodsOf,
  withPort,
} from '../../protocol/index.ts';
import { filterAddress, filterBlock, nameOfAddress, packetWords, type PacketWords } from './packet-words.ts';
import type { ProxyScope } from './service-ports.ts';
import type { TableChain, TableSet } from './table.ts';

/**
 * What NetworkPolicies make of the pods of this machine, as parts of the rule set. Empty when no policy concerns one of
 * them.
 */
export interface PolicyRules {
  readonly sets: ReadonlyMap<string, TableSet>;
  readonly chains: ReadonlyMap<string, TableChain>;
  /** The base chains that send packets of isolated pods to their rules. */
  readonly baseChains: ReadonlyMap<string, TableChain>;
}

interface Direction {
  readonly type: 'Ingress' | 'Egress';
  readonly name: 'ingress' | 'egress';
  /** The address of the pod that the policy is about, and of the other side. */
  readonly own: string;
  readonly other: string;
  readonly priority: number;
}

const directionsOf = ({ ip }: PacketWords): readonly Direction[] => [
  { type: 'Egress', name: 'egress', own: `${ip} saddr`, other: `${ip} daddr`, priority: -6 },
  { type: 'Ingress', name: 'ingress', own: `${ip} daddr`, other: `${ip} saddr`, priority: -5 },
];

/** The slices of each policy, by `namespace/policy` and set. */
type Slices = ReadonlyMap<string, ReadonlyMap<string, readonly EndpointSlice[]>>;

/**
 * The rules of NetworkPolicies (networking.k8s.io/v1) for the pods of `localNodes`, in one family. A pod that a policy
 * of a direction selects takes or sends in that direction only what one of its policies lets through, itself, and what
 * belongs to a connection that was let through. Packets from and to the node itself do not pass here, as in Kubernetes.
 * Pure.
 *
 *   forward ─> egress (by source address) ─> pod ─> its policies ─┬─> let through
 *           └> ingress (by destination)  ─> pod ─> its policies ─┴─> dropped
 */
export function policyRules(
  policies: readonly NetworkPolicy[],
  slices: readonly EndpointSlice[],
  { family, localNodes }: ProxyScope,
): PolicyRules {
  const words = packetWords[family];
  const directions = directionsOf(words);
  const bySet = slicesBySet(slices, family);
  const sets = new Map<string, TableSet>();
  const chains = new Map<string, TableChain>();
  const isolated = new Map(directions.map((direction) => [direction.name, new Map<string, string[]>()]));
  for (const policy of [...policies].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))) {
    const own = bySet.get(nameOf(policy)) ?? new Map<string, readonly EndpointSlice[]>();
    const subjects = addressesIn(own.get(selectedPodsOf(policy.spec).key), family, localNodes);
    if (subjects.length === 0) continue;
    for (const direction of directions.filter(({ type }) => typesOf(policy).includes(type))) {
      const name = `${direction.name}-${fingerprint(nameOf(policy))}`;
      chains.set(name, { rules: rulesOf(policy, direction, { family, words, slices: own, sets }) });
      for (const subject of subjects) {
        const byPod = isolated.get(direction.name);
        byPod?.set(subject, [...(byPod.get(subject) ?? []), name]);
      }
    }
  }
  for (const direction of directions)
    for (const [address, names] of isolated.get(direction.name) ?? [])
      chains.set(podChain(direction, address), {
        rules: [`${direction.other} ${address} accept`, ...names.map((name) => `jump ${name}`), 'drop'],
      });
  const baseChains = directions.flatMap((direction) =>
    baseChain(direction, [...(isolated.get(direction.name)?.keys() ?? [])], words.discovery),
  );
  return { sets, chains, baseChains: new Map(baseChains) };
}

const nameOf = ({ metadata }: NetworkPolicy): string => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
const typesOf = ({ spec }: NetworkPolicy): readonly string[] =>
  spec?.policyTypes ?? (spec?.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
const podChain = ({ name }: Direction, address: string): string => `${name}-${nameOfAddress(address)}`;

function baseChain(
  direction: Direction,
  addresses: readonly string[],
  discovery: readonly string[],
): readonly (readonly [string, TableChain])[] {
  if (addresses.length === 0) return [];
  const verdicts = [...addresses]
    .sort()
    .map((address) => `${address} : jump ${podChain(direction, address)}`)
    .join(', ');
  return [
    [
      `policy-${direction.name}`,
      {
        hook: `type filter hook forward priority ${direction.priority}; policy accept;`,
        // What goes the way of a connection's first packet is judged again each time: a policy that comes ends what
        // it does not let through, and no list of connections is needed for that.
        rules: [
          'ct direction reply accept',
          'ct state related accept',
          ...discovery,
          `${direction.own} vmap { ${verdicts} }`,
        ],
      },
    ],
  ];
}

function slicesBySet(slices: readonly EndpointSlice[], family: IpFamily): Slices {
  const found = new Map<string, Map<string, EndpointSlice[]>>();
  for (const slice of slices) {
    const { namespace = '', labels = {} } = slice.metadata;
    const [policy, set] = [labels[policyLabel], labels[setLabel]];
    if (policy === undefined || set === undefined || slice.addressType !== family) continue;
    const own = found.get(`${namespace}/${policy}`) ?? new Map<string, EndpointSlice[]>();
    found.set(`${namespace}/${policy}`, own);
    own.set(set, [...(own.get(set) ?? []), slice]);
  }
  return found;
}

function addressesIn(
  slices: readonly EndpointSlice[] | undefined,
  family: IpFamily,
  nodes?: ReadonlySet<string>,
): readonly string[] {
  const found = (slices ?? []).flatMap(({ endpoints }) =>
    (endpoints ?? [])
      .filter(({ nodeName }) => nodes?.has(nodeName ?? '') ?? true)
      .flatMap(({ addresses }) => filterAddress(addresses[0] ?? '', family) ?? []),
  );
  return [...new Set(found)].sort();
}

interface PolicyFacts {
  readonly family: IpFamily;
  readonly words: PacketWords;
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** The sets that the rules name, by name; those that are missing are added. */
  readonly sets: Map<string, TableSet>;
}

/** What the policy lets through in one direction. */
function rulesOf(policy: NetworkPolicy, direction: Direction, facts: PolicyFacts): readonly string[] {
  const { spec } = policy;
  const rules =
    direction.type === 'Ingress'
      ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  return rules.flatMap(({ peers = [], ports = [] }) => {
    const sides = peers.length === 0 ? [undefined] : peers;
    return sides.flatMap((peer) =>
      (ports.length === 0 ? [undefined] : ports).flatMap((port) => {
        const matched =
          port !== undefined && isNamed(port)
            ? namedMatch(policy, direction, { ...facts, peer, port })
            : plainMatch(policy, direction, { ...facts, peer, port });
        return matched === undefined ? [] : [`${matched} accept`.trim()];
      }),
    );
  });
}

interface Rule extends PolicyFacts {
  readonly peer: NetworkPolicyPeer | undefined;
  readonly port: NetworkPolicyPort | undefined;
}

function plainMatch(policy: NetworkPolicy, direction: Direction, rule: Rule): string | undefined {
  const peer = peerMatch(policy, direction, rule);
  return peer === undefined ? undefined : [peer, portMatch(rule.port)].filter((text) => text !== '').join(' ');
}

/** Undefined: nobody. */
function peerMatch(policy: NetworkPolicy, direction: Direction, { peer, ...facts }: Rule): string | undefined {
  if (peer === undefined) return '';
  const { ipBlock } = peer;
  if (ipBlock === undefined) {
    const set = peersOf(peer);
    return set === undefined ? undefined : `${direction.other} @${addressSet(policy, set, facts)}`;
  }
  const block = filterBlock(ipBlock.cidr, facts.family);
  if (block === undefined) return undefined;
  const except = (ipBlock.except ?? []).flatMap((cidr) => filterBlock(cidr, facts.family) ?? []);
  return [`${direction.other} ${block}`, ...except.map((cidr) => `${direction.other} != ${cidr}`)].join(' ');
}

function portMatch(port: NetworkPolicyPort | undefined): string {
  if (port === undefined) return '';
  const protocol = `meta l4proto ${(port.protocol ?? 'TCP').toLowerCase()}`;
  if (port.port === undefined) return protocol;
  return `${protocol} th dport ${port.port}${port.endPort === undefined ? '' : `-${port.endPort}`}`;
}

/** A named port is the receiving pod's: the policy's own pod for ingress, the peer for egress. */
function namedMatch(
  policy: NetworkPolicy,
  direction: Direction,
  rule: Rule & { readonly port: NetworkPolicyPort },
): string | undefined {
  const { port } = rule;
  const receivers = direction.type === 'Ingress' ? selectedPodsOf(policy.spec) : peersOf(rule.peer);
  if (receivers === undefined) return undefined; // No port of an address outside has a name.
  const peer = direction.type === 'Ingress' ? peerMatch(policy, direction, rule) : '';
  if (peer === undefined) return undefined;
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  const set = addressSet(policy, withPort(receivers, port), rule);
  return `${peer} meta l4proto ${protocol} ${rule.words.ip} daddr . th dport @${set}`.trim();
}

function addressSet(policy: NetworkPolicy, set: AddressSet, facts: PolicyFacts): string {
  const { family, words, slices, sets } = facts;
  const name = `pods-${fingerprint(`${nameOf(policy)}/${set.key}`)}`;
  const found = slices.get(set.key);
  const elements =
    set.port === undefined
      ? addressesIn(found, family)
      : [
          ...new Set(
            (found ?? []).flatMap((slice) =>
              addressesIn([slice], family).flatMap((address) =>
                (slice.ports ?? []).map(({ port }) => `${address} . ${port ?? 0}`),
              ),
            ),
          ),
        ].sort();
  const type = set.port === undefined ? words.address : `${words.address} . inet_service`;
  sets.set(name, { kind: 'set', definition: `type ${type}`, elements });
  return name;
}
