/** The chains of one port of a Service: from its addresses to one of its backends. */
import { familyOf, holdsAddress, parseAddress, parseCidr } from '../../api/index.ts';
import { fnv1a, joinHostPort } from '../../base/index.ts';
import { translatedMark } from '../network/index.ts';
import { nameOfAddress, packetWords, type PacketWords } from './packet-words.ts';
import type { Backend, ServicePortView } from './service-ports.ts';
import { sharedBackendsMax, sharedChain, type SharedElements, sharedElements } from './shared-chains.ts';
import type { TableChain, TableSet } from './table.ts';

/** The bit of the packet mark that asks for masquerading. */
export const masqueradeMark = '0x00200000';

export interface ServiceChains {
  /** The chain behind the cluster address, and the backends that it leads to. */
  readonly innerName: string;
  readonly inner: readonly Backend[];
  /** The cluster address, protocol and port, as the maps of Services have them. */
  readonly innerKey: string;
  /** Backends' addresses that may meet themselves here: only a pod of this machine can be led back to itself. */
  readonly hairpins: readonly string[];
  /** What the chain needs in the shared maps; undefined: it is one of the Service's own. */
  readonly shared?: SharedElements | undefined;
  /** The chain behind the addresses of the outside, and the backends that it leads to. */
  readonly outerName: string;
  readonly outer: readonly Backend[];
  /** The chain leads only pods and the machine itself on: for everybody else there is no backend here. */
  readonly outsideRefused: boolean;
  /** The chain behind a load balancer's address: `outerName`, or one that lets only some clients through. */
  readonly fence: string;
  /** External addresses and those of its load balancer, without any inside the cluster. */
  readonly external: readonly string[];
  readonly balancer: readonly string[];
  readonly chains: readonly (readonly [string, TableChain])[];
  /** The clients that each backend had lately. */
  readonly affinity: readonly (readonly [string, TableSet])[];
}

interface Ranges {
  readonly clusterCidr: string;
  readonly serviceCidr: string;
  readonly addedServiceCidrs?: readonly string[] | undefined;
}

/** None of them has an address of the outside. */
const inside = ({ clusterCidr, serviceCidr, addedServiceCidrs = [] }: Ranges): readonly string[] => [
  clusterCidr,
  serviceCidr,
  ...addedServiceCidrs,
];

interface Remembered {
  readonly ranges: string;
  readonly isSole: boolean;
  readonly made: ServiceChains;
}

/** A view is never changed, so its chains are made once for the same surroundings. */
const remembered = new WeakMap<ServicePortView, Remembered>();

/** What gives the chains of each of these ports, the same ones for the same view among the same others. Pure. */
export function chainsAmong(
  views: readonly ServicePortView[],
  ranges: Ranges,
): (view: ServicePortView) => ServiceChains {
  const sole = soleAddresses(views);
  const text = inside(ranges).join();
  return (view) => {
    const isSole = sole.has(view.clusterIp);
    const known = remembered.get(view);
    if (known?.ranges === text && known.isSole === isSole) return known.made;
    const made = sharesChains(view) ? sharingChains(view, isSole) : ownChains(view, ranges);
    remembered.set(view, { ranges: text, isSole, made });
    return made;
  };
}

/** Cluster addresses with one port, so that they tell what is sent to them apart without it. */
function soleAddresses(views: readonly ServicePortView[]): ReadonlySet<string> {
  const [once, more] = [new Set<string>(), new Set<string>()];
  for (const { clusterIp } of views) (once.has(clusterIp) ? more : once).add(clusterIp);
  for (const address of more) once.delete(address);
  return once;
}

/** Whether it has a node port or an address that is not the cluster's. */
export const isReachedFromOutside = ({ externalIps, balancerIps, nodePort }: ServicePortView): boolean =>
  externalIps.length + balancerIps.length > 0 || nodePort !== 0;

/** What a Service leads to by its cluster address. */
const innerBackends = ({ internalLocal, backends, localBackends }: ServicePortView): readonly Backend[] =>
  internalLocal ? localBackends : backends;

function sharesChains(view: ServicePortView): boolean {
  const { length } = innerBackends(view);
  return !isReachedFromOutside(view) && view.affinitySeconds === 0 && length <= sharedBackendsMax;
}

function hairpins({ backends, localBackends }: ServicePortView): readonly string[] {
  const own = [...backends.filter(({ local }) => local), ...localBackends.filter(({ local }) => local)];
  return [...new Set(own.map(({ address }) => `${address} . ${address}`))];
}

function sharingChains(view: ServicePortView, isSole: boolean): ServiceChains {
  const inner = innerBackends(view);
  const innerKey = targetKey(view, view.clusterIp);
  const innerName = sharedChain(inner.length);
  return {
    innerName,
    inner,
    innerKey,
    hairpins: hairpins(view),
    shared: sharedElements(inner, { key: innerKey, soleAddress: isSole ? view.clusterIp : undefined }),
    outerName: innerName,
    outer: [],
    outsideRefused: false,
    fence: innerName,
    external: [],
    balancer: [],
    chains: [],
    affinity: [],
  };
}

/** A packet's address, protocol and port, as the maps of Services have them. */
export const targetKey = ({ protocol, port }: ServicePortView, address: string): string =>
  `${address} . ${protocol} . ${port}`;

function ownChains(view: ServicePortView, ranges: Ranges): ServiceChains {
  const { backends, localBackends, internalLocal, externalLocal } = view;
  const name = chainName(view);
  // Where all backends are on this machine, one chain is enough.
  const allHere = localBackends.length === backends.length && backends.every(({ local }) => local);
  const localName = allHere ? name : `${name}-local`;
  const isOutside = isReachedFromOutside(view);
  const chains = new Map<string, TableChain>();
  const affinity = new Map<string, TableSet>();
  const balance = (chain: string, of: readonly Backend[]): void => {
    if (of.length === 0) return;
    const rules = view.affinitySeconds > 0 ? keepToOne(view, of, { name, chains, affinity }) : [byChance(view, of)];
    chains.set(chain, { rules });
  };
  if (!internalLocal || isOutside) balance(name, backends);
  if (internalLocal || (isOutside && (externalLocal || view.nodePort !== 0))) balance(localName, localBackends);
  const addresses = outsideAddresses(view, ranges);
  const outerName = `${name}-ext`;
  const fence = view.sourceRanges === undefined ? outerName : `${name}-from`;
  if (isOutside && backends.length > 0) {
    chains.set(outerName, { rules: outerRules(view, ranges, { name, localName }) });
    // What a machine sends to its own address comes from there.
    const clients = [...(view.sourceRanges ?? []), ...addresses.balancer];
    if (fence !== outerName)
      chains.set(fence, {
        rules: [...clients.map((from) => `${wordsOf(view).ip} saddr ${from} goto ${outerName}`), 'drop'],
      });
  }
  return {
    innerName: internalLocal ? localName : name,
    inner: innerBackends(view),
    innerKey: targetKey(view, view.clusterIp),
    hairpins: hairpins(view),
    outerName,
    outer: externalLocal ? [...new Set([...backends, ...localBackends])] : backends,
    outsideRefused: externalLocal && localBackends.length === 0,
    fence,
    ...addresses,
    chains: [...chains],
    affinity: [...affinity],
  };
}

/**
 * From the addresses of the outside to the chain of all backends or of those on this machine. Only the policy Local
 * promises the client's address; otherwise the answer must pass this machine again. Pods and the machine's own programs
 * are sent to all backends by that policy, too, as behind the cluster address. An answer to the loopback address cannot
 * come from another machine.
 */
function outerRules(
  view: ServicePortView,
  { clusterCidr }: Ranges,
  { name, localName }: { readonly name: string; readonly localName: string },
): readonly string[] {
  const mark = `meta mark set meta mark | ${masqueradeMark}`;
  const { backends, localBackends, externalLocal, nodePort } = view;
  const { ip, loopback } = wordsOf(view);
  const isHere = localBackends.length > 0;
  const toLoopback = `${ip} daddr ${loopback} ${isHere ? `goto ${localName}` : 'return'}`;
  return [
    ...(nodePort !== 0 && backends.some(({ local }) => !local) ? [toLoopback] : []),
    ...(externalLocal
      ? [
          `${ip} saddr ${clusterCidr} goto ${name}`,
          `fib saddr type local ${mark} goto ${name}`,
          ...(isHere ? [`goto ${localName}`] : []),
        ]
      : [mark, `goto ${name}`]),
  ];
}

const wordsOf = ({ clusterIp }: ServicePortView): PacketWords => packetWords[familyOf(clusterIp)];

/** Chain names are at most 127 bytes: names that could be longer carry a hash. */
function chainName(view: ServicePortView): string {
  const text = `${view.namespace}/${view.name}/${view.portName || view.port}/${view.protocol}`;
  const hash = fnv1a(text).toString(16).padStart(8, '0');
  return `svc-${view.name.slice(0, 40)}-${hash}-${view.protocol}-${view.port}`.replace(/[^A-Za-z0-9_-]/g, '_');
}

/**
 * Whoever may create a Service names addresses of the outside: none of pods and Services, so that nobody's traffic
 * inside the cluster is led away (CVE-2020-8554).
 */
function outsideAddresses(
  { externalIps, balancerIps }: ServicePortView,
  within: Ranges,
): { readonly external: readonly string[]; readonly balancer: readonly string[] } {
  if (externalIps.length + balancerIps.length === 0) return { external: [], balancer: [] };
  const ranges = inside(within).flatMap((range) => parseCidr(range) ?? []);
  const outside = (text: string): boolean => {
    const address = parseAddress(text);
    return address !== undefined && !ranges.some((range) => holdsAddress(range, address));
  };
  return { external: externalIps.filter(outside), balancer: balancerIps.filter(outside) };
}

/** Translation to one address, said to the machine's other filters by the connection's mark. */
export const translation = (protocol: string, to: string): string =>
  `meta l4proto ${protocol} ct mark set ct mark | ${translatedMark} dnat ${to}`;

/** Backends that share a port are told apart by their address alone, which costs `nft` and the kernel less. */
function byChance(view: ServicePortView, backends: readonly Backend[]): string {
  const { protocol } = view;
  const [first] = backends;
  if (backends.length === 1 && first !== undefined)
    return translation(protocol, `to ${joinHostPort(first.address, first.port)}`);
  const onePort = backends.every(({ port }) => port === first?.port);
  const entries = backends.map(({ address, port }, i) => `${i} : ${address}${onePort ? '' : ` . ${port}`}`).join(', ');
  const choice = `numgen random mod ${backends.length} map { ${entries} }`;
  return translation(
    protocol,
    onePort ? `to ${choice} : ${first?.port}` : `${wordsOf(view).ip} addr . port to ${choice}`,
  );
}

interface AffinityParts {
  readonly name: string;
  readonly chains: Map<string, TableChain>;
  readonly affinity: Map<string, TableSet>;
}

/**
 * Session affinity: each backend has a set of the clients that it had within the time allowed, which a change of other
 * backends leaves as it is.
 */
function keepToOne(
  view: ServicePortView,
  backends: readonly Backend[],
  { name, chains, affinity }: AffinityParts,
): readonly string[] {
  const words = wordsOf(view);
  const choices = backends.map(({ address, port }) => {
    const chain = `${name}-to-${nameOfAddress(address)}-${port}`;
    const clients = `had-${fnv1a(chain).toString(16).padStart(8, '0')}-${view.affinitySeconds}`;
    affinity.set(clients, {
      kind: 'set',
      definition: `type ${words.address}; size 65535; flags dynamic,timeout; timeout ${view.affinitySeconds}s`,
      elements: [],
    });
    const rules = [
      `update @${clients} { ${words.ip} saddr }`,
      translation(view.protocol, `to ${joinHostPort(address, port)}`),
    ];
    chains.set(chain, { rules });
    return { chain, clients };
  });
  const verdicts = choices.map(({ chain }, i) => `${i} : goto ${chain}`).join(', ');
  return [
    ...choices.map(({ chain, clients }) => `${words.ip} saddr @${clients} goto ${chain}`),
    `numgen random mod ${choices.length} vmap { ${verdicts} }`,
  ];
}
