/** Sets of NUMA nodes as the bits of a number: bit N is node N. */

/** As a kubelet's topology manager: with more nodes there are too many sets to look at. */
export const numaNodesMax = 8;

export const maskOf = (nodes: Iterable<number>): number => [...nodes].reduce((mask, node) => mask | (1 << node), 0);

export const includesNode = (mask: number, node: number): boolean => (mask & (1 << node)) !== 0;

/** How many nodes are in the set. */
export function nodeCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest >>= 1) count += rest & 1;
  return count;
}

/** With fewer nodes; of two sets of one size the one whose highest nodes come first. */
export function isNarrower(mask: number, other: number): boolean {
  const [own, theirs] = [nodeCount(mask), nodeCount(other)];
  return own === theirs ? mask < other : own < theirs;
}

/** Every set of some of these nodes but the empty one, the smallest first. */
export function setsOf(nodes: readonly number[]): readonly number[] {
  const all = maskOf(nodes);
  const sets: number[] = [];
  for (let mask = 1; mask <= all; mask++) if ((mask & ~all) === 0) sets.push(mask);
  return sets.sort((one, other) => (isNarrower(one, other) ? -1 : 1));
}
