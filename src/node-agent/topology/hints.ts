/** Where a container's share of one resource could come from. Pure. */
import { includesNode, nodeCount, setsOf } from './numa-mask.ts';

/** NUMA nodes that could give all of a resource. */
export interface TopologyHint {
  /** A set of nodes (numa-mask.ts); absent: anywhere is as good. */
  readonly affinity: number | undefined;
  /** No smaller set could give it, be the node empty. */
  readonly preferred: boolean;
}

/** The hints for one resource; absent: it has no opinion. None at all: there is not enough of it. */
export type ResourceHints = readonly TopologyHint[] | undefined;

/** One processor or device. */
export interface PlacedUnit {
  /** The nodes that it is near to; none: it does not say. */
  readonly numaNodes: readonly number[];
}

interface Supply {
  /** The machine's NUMA nodes. */
  readonly nodes: readonly number[];
  /** All that there is, whoever has it. */
  readonly all: readonly PlacedUnit[];
  /** Those that may be given. */
  readonly free: readonly PlacedUnit[];
  /** What the container takes over from one that ended before it: it must be among what it gets. */
  readonly inherited: readonly PlacedUnit[];
}

/** The sets of nodes that have so many units free. Follows the kubelet's CPU and device managers. */
export function hintsFor({ nodes, all, free, inherited }: Supply, count: number): readonly TopologyHint[] {
  const near = (mask: number, { numaNodes }: PlacedUnit): boolean => numaNodes.some((node) => includesNode(mask, node));
  const within = (mask: number, units: readonly PlacedUnit[]): number =>
    units.filter((unit) => near(mask, unit)).length;
  const sets = setsOf(nodes);
  const smallest = Math.min(nodes.length, ...sets.filter((mask) => within(mask, all) >= count).map(nodeCount));
  return sets
    .filter((mask) => inherited.every((unit) => unit.numaNodes.length === 0 || near(mask, unit)))
    .filter((mask) => within(mask, inherited) + within(mask, free) >= count)
    .map((affinity) => ({ affinity, preferred: nodeCount(affinity) === smallest }));
}
