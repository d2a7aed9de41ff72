/** The chains that Services share which have nothing but a cluster address and its endpoints. */
import { translatedMark } from '../network/index.ts';
import { packetWords, type PacketWords } from './packet-words.ts';
import type { IpFamily } from '../../api/index.ts';
import type { Backend } from './service-ports.ts';
import type { TableChain, TableSet } from './table.ts';

/** Services with more backends have a chain of their own: each further number costs everybody a chain and a map. */
export const sharedBackendsMax = 64;

/** The elements of the maps of first backends, of second ones, and so on. */
interface NthElements {
  /** Of Services that a cluster address alone tells apart. */
  readonly byAddress: string[];
  readonly byPort: string[];
}

/** What the shared maps hold, and how many backends Services have. */
export interface SharedBackends {
  readonly nth: NthElements[];
  readonly targetPorts: string[];
  readonly counts: Set<number>;
}

/** What the shared maps hold for one port of a Service. */
export interface SharedElements {
  /** Each backend's. */
  readonly nth: readonly string[];
  /** The element that says which port all backends have; undefined: each says its own. */
  readonly targetPort?: string | undefined;
}

export const noSharedBackends = (): SharedBackends => ({ nth: [], targetPorts: [], counts: new Set() });

/** The chain that leads to one of so many backends, each as likely as the others. */
export const sharedChain = (count: number): string => (count === 1 ? 'nth-0' : `one-of-${count}`);

/**
 * `key`: address, protocol and port that lead to the backends. `soleAddress`: the cluster address, where nothing else
 * is led on by it.
 */
export function sharedElements(
  backends: readonly Backend[],
  { key, soleAddress }: { readonly key: string; readonly soleAddress: string | undefined },
): SharedElements {
  const targetPort = backends[0]?.port;
  return soleAddress !== undefined && backends.every(({ port }) => port === targetPort)
    ? {
        nth: backends.map(({ address }) => `${soleAddress} : ${address}`),
        targetPort: `${soleAddress} : ${targetPort}`,
      }
    : { nth: backends.map(({ address, port }) => `${key} : ${address} . ${port}`) };
}

/** Adds what one port of a Service needs: at most `sharedBackendsMax` backends, and at least one. */
export function addShared({ nth, targetPorts, counts }: SharedBackends, elements: SharedElements): void {
  counts.add(elements.nth.length);
  if (elements.targetPort !== undefined) targetPorts.push(elements.targetPort);
  for (const [i, element] of elements.nth.entries()) {
    const maps = (nth[i] ??= { byAddress: [], byPort: [] });
    (elements.targetPort === undefined ? maps.byPort : maps.byAddress).push(element);
  }
}

/**
 * A map of thousands of elements costs the kernel less than a thousand small ones: what it does for a set of a rule's
 * own grows with their number. What reads and writes an element costs grows with its parts, so most Services are told
 * apart by their address alone, and their port stands once, not beside each backend.
 *
 *   services ─> one-of-3 ─┬─> nth-0 ─> the first backend of the address, or of address, protocol and port
 *                         ├─> nth-1 ─> the second one; if there is none any more, the first
 *                         └─> nth-2
 *
 * A packet may meet a change between its two look-ups, and then the number that it drew is of a backend that is gone.
 */
export function sharedChains(
  { nth, targetPorts, counts }: SharedBackends,
  family: IpFamily,
): {
  readonly sets: readonly (readonly [string, TableSet])[];
  readonly chains: readonly (readonly [string, TableChain])[];
} {
  const { ip, address } = packetWords[family];
  const map = (type: string, elements: readonly string[]): TableSet => ({
    kind: 'map',
    definition: `type ${type}`,
    elements,
  });
  return {
    sets: [
      ['target-ports', map(`${address} : inet_service`, targetPorts)],
      ...nth.flatMap(({ byAddress, byPort }, i): readonly (readonly [string, TableSet])[] => [
        [`nth-${i}-by-address`, map(`${address} : ${address}`, byAddress)],
        [`nth-${i}-by-port`, map(`${address} . inet_proto . inet_service : ${address} . inet_service`, byPort)],
      ]),
    ],
    chains: [
      ...nth.map((_, i): readonly [string, TableChain] => [`nth-${i}`, { rules: toNth(i, ip) }]),
      ...[...counts]
        .filter((count) => count > 1)
        .sort((one, other) => one - other)
        .map((count): readonly [string, TableChain] => [sharedChain(count), { rules: [anyOf(count)] }]),
    ],
  };
}

/** `nft` wants a match of the protocol in a rule that changes ports; whatever comes here has one of these. */
const toNth = (i: number, ip: PacketWords['ip']): readonly string[] => [
  `ct mark set ct mark | ${translatedMark}`,
  'meta l4proto { tcp, udp, sctp } ' + `dnat to ${ip} daddr map @nth-${i}-by-address : ${ip} daddr map @target-ports`,
  `dnat ${ip} addr . port to ${ip} daddr . meta l4proto . th dport map @nth-${i}-by-port`,
  ...(i === 0 ? [] : ['goto nth-0']),
];

function anyOf(count: number): string {
  const verdicts = Array.from({ length: count }, (_, i) => `${i} : goto nth-${i}`);
  return `numgen random mod ${count} vmap { ${verdicts.join(', ')} }`;
}
