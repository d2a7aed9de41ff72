import type { Node } from '../objects.ts';

const numberOf = (address: string): number => address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
const textOf = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** The first address and the number of addresses of an IPv4 range such as 10.244.0.0/16. */
function rangeOf(cidr: string): { readonly first: number; readonly size: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return { first: Math.floor(numberOf(address) / size) * size, size };
}

/**
 * The range for each node that has none: the lowest free ones, in the order of the nodes. A node without room is left
 * out.
 */
export function assignRanges(
  nodes: readonly Node[],
  options: { readonly cidr: string; readonly nodeBits: number },
): ReadonlyMap<string, string> {
  const whole = rangeOf(options.cidr);
  const size = 2 ** (32 - options.nodeBits);
  const taken = new Set<number>();
  for (const node of nodes) {
    const cidr = node.spec?.podCIDR;
    if (cidr === undefined || cidr === '' || cidr.includes(':')) continue;
    const range = rangeOf(cidr);
    for (
      let at = Math.floor((range.first - whole.first) / size);
      at * size < range.first - whole.first + range.size;
      at++
    )
      taken.add(at);
  }
  const assigned = new Map<string, string>();
  let next = 0;
  for (const node of nodes) {
    if ((node.spec?.podCIDR ?? '') !== '' || node.metadata.deletionTimestamp !== undefined) continue;
    while (taken.has(next)) next += 1;
    if (next * size >= whole.size) break;
    taken.add(next);
    assigned.set(node.metadata.name, `${textOf(whole.first + next * size)}/${String(options.nodeBits)}`);
  }
  return assigned;
}
