/** The chains that Services share which have nothing but a cluster address and its endpoints. */
import { translatedMark } from '../network/index.ts';
import { packetWords } from './packet-words.ts';
import type { IpFamily } from '../../api/index.ts';
import type { Backend } from './service-ports.ts';
import type { TableChain, TableSet } from './table.ts';

/** Services with more backends have a chain of their own: each further number costs everybody a chain and a map. */
export const sharedBackendsMax = 64;

/** The elements of the map of first backends, of second ones, and so on; and how many backends Services have. */
export interface SharedBackends {
  readonly nth: string[][];
  readonly counts: Set<number>;
}

/** The chain that leads to one of so many backends, each as likely as the others. */
export const sharedChain = (count: number): string => (count === 1 ? 'nth-0' : `one-of-${count}`);

/** `key`: address, protocol and port that lead to the backends. */
export const sharedElements = (key: string, backends: readonly Backend[]): readonly string[] =>
  backends.map(({ address, port }) => `${key} : ${address} . ${port}`);

/** Adds the elements of one key, at most `sharedBackendsMax`. */
export function addShared({ nth, counts }: SharedBackends, elements: readonly string[]): void {
  counts.add(elements.length);
  for (const [i, element] of elements.entries()) {
    const own = nth[i];
    if (own === undefined) nth[i] = [element];
    else own.push(element);
  }
}

/**
 * A map of thousands of elements costs the kernel less than a thousand small ones: what it does for a set of a rule's
 * own grows with their number.
 *
 *   services ─> one-of-3 ─┬─> nth-0 ─> the first backend of address, protocol and port
 *                         ├─> nth-1 ─> the second one; if there is none any more, the first
 *                         └─> nth-2
 *
 * A packet may meet a change between its two look-ups, and then the number that it drew is of a backend that is gone.
 */
export function sharedChains(
  { nth, counts }: SharedBackends,
  family: IpFamily,
): {
  readonly sets: readonly (readonly [string, TableSet])[];
  readonly chains: readonly (readonly [string, TableChain])[];
} {
  const { ip, address } = packetWords[family];
  const definition = `type ${address} . inet_proto . inet_service : ${address} . inet_service`;
  return {
    sets: nth.map((elements, i) => [`nth-${i}`, { kind: 'map', definition, elements }]),
    chains: [
      ...nth.map((_, i): readonly [string, TableChain] => [
        `nth-${i}`,
        {
          rules: [
            `ct mark set ct mark | ${translatedMark} ` +
              `dnat ${ip} addr . port to ${ip} daddr . meta l4proto . th dport map @nth-${i}`,
            ...(i === 0 ? [] : ['goto nth-0']),
          ],
        },
      ]),
      ...[...counts]
        .filter((count) => count > 1)
        .sort((one, other) => one - other)
        .map((count): readonly [string, TableChain] => [sharedChain(count), { rules: [anyOf(count)] }]),
    ],
  };
}

function anyOf(count: number): string {
  const verdicts = Array.from({ length: count }, (_, i) => `${i} : goto nth-${i}`);
  return `numgen random mod ${count} vmap { ${verdicts.join(', ')} }`;
}
