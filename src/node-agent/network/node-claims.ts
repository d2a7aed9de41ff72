/** What Nodes say of their place in the network, as far as a machine believes it: it makes routes of that, as root. */
import {
  addressText,
  isGlobalUnicast,
  type Network,
  networksOverlap,
  networkText,
  type Node,
  nodeAddresses,
  parseCidr,
  parseStrictAddress,
  podRangesOf,
} from '../../api/index.ts';
import type { NodePods } from './node-routes.ts';

interface NodeClaims {
  readonly pods: readonly NodePods[];
  /** What is not believed, a sentence each. */
  readonly ignored: readonly string[];
}

/**
 * The pods of the nodes, and how their machines are reached. Each agent writes its own Node, and a false word must not
 * draw what is for others: a range is believed within the cluster's, and once, by the oldest node that has a part of it
 * (this machine's own node before all others); an address when others can be reached by it. Pure.
 */
export function nodeClaims(
  nodes: readonly Node[],
  { own, clusterCidrs }: { readonly own: string; readonly clusterCidrs: readonly string[] },
): NodeClaims {
  const wholes = clusterCidrs.flatMap((text) => parseCidr(text) ?? []);
  const taken = new TakenRanges();
  const ignored: string[] = [];
  const pods = [...nodes].sort(inOrder(own)).flatMap((node): readonly NodePods[] => {
    const { name = '' } = node.metadata;
    const addresses = nodeAddresses(node, 'InternalIP').flatMap((text) => {
      const address = isGlobalUnicast(text) ? parseStrictAddress(text) : undefined;
      if (address === undefined) ignored.push(`${name} cannot have the address ${JSON.stringify(text)}`);
      return address === undefined ? [] : [addressText(address)];
    });
    const [address] = addresses;
    const podCidrs = podRangesOf(node.spec).flatMap((text) => {
      const range = taken.take(parseCidr(text), wholes);
      if (range === undefined) ignored.push(`${name} cannot have the pod range ${JSON.stringify(text)}`);
      return range ?? [];
    });
    return address === undefined || podCidrs.length === 0 ? [] : [{ address, addresses, podCidrs }];
  });
  return { pods, ignored };
}

const inOrder =
  (own: string) =>
  ({ metadata: one }: Node, { metadata: other }: Node): number => {
    const [left, right] = [one, other].map(
      ({ name = '', creationTimestamp = '' }) => `${name === own ? 0 : 1} ${creationTimestamp} ${name}`,
    );
    return (left ?? '') < (right ?? '') ? -1 : 1;
  };

/** Ranges none of which holds a part of another. */
class TakenRanges {
  readonly #taken = new Set<string>();
  /** Those, and the ranges of the cluster that one of them is a part of. */
  readonly #holders = new Set<string>();

  /** The range's text; undefined: it is in none of `wholes`, or somebody has a part of it. */
  take(range: Network | undefined, wholes: readonly Network[]): string | undefined {
    const whole = wholes.find((each) => range !== undefined && networksOverlap(each, range));
    if (range === undefined || whole === undefined || whole.prefix > range.prefix) return undefined;
    const holders = Array.from({ length: range.prefix - whole.prefix + 1 }, (_, i) =>
      networkText({ ...range, prefix: range.prefix - i }),
    );
    const [text = ''] = holders;
    if (this.#holders.has(text) || holders.some((holder) => this.#taken.has(holder))) return undefined;
    this.#taken.add(text);
    for (const holder of holders) this.#holders.add(holder);
    return text;
  }
}
