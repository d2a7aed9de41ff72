/** One place for all of a container's resources, out of the hints for each. Pure; follows the kubelet's policies. */
import type { ResourceHints, TopologyHint } from './hints.ts';
import { isNarrower, maskOf, nodeCount } from './numa-mask.ts';

export const topologyPolicies = ['none', 'best-effort', 'restricted', 'single-numa-node'] as const;
export type TopologyPolicy = (typeof topologyPolicies)[number];

export interface Placement {
  readonly hint: TopologyHint;
  /** The policy lets the container run there. */
  readonly admitted: boolean;
}

/** `nodes`: the machine's NUMA nodes. */
export function mergeHints(
  policy: TopologyPolicy,
  nodes: readonly number[],
  resources: readonly ResourceHints[],
): Placement {
  if (policy === 'none') return { hint: { affinity: undefined, preferred: false }, admitted: true };
  const all = maskOf(nodes);
  const known = resources.map(withOpinion);
  if (policy !== 'single-numa-node') {
    const hint = bestOf(all, known);
    return { hint, admitted: policy === 'best-effort' || hint.preferred };
  }
  const best = bestOf(
    all,
    known.map((hints) => hints.filter(isSingle)),
  );
  // All nodes together mean that no resource has an opinion: it may run anywhere.
  const hint = best.affinity === all ? { ...best, affinity: undefined } : best;
  return { hint, admitted: hint.preferred };
}

const withOpinion = (hints: ResourceHints): readonly TopologyHint[] => {
  if (hints === undefined) return [{ affinity: undefined, preferred: true }];
  return hints.length === 0 ? [{ affinity: undefined, preferred: false }] : hints;
};

const isSingle = ({ affinity, preferred }: TopologyHint): boolean =>
  preferred && (affinity === undefined || nodeCount(affinity) === 1);

type Merged = TopologyHint & { readonly affinity: number };

/** The best of all combinations of one hint for each resource; all nodes where none is any good. */
function bestOf(all: number, resources: readonly (readonly TopologyHint[])[]): Merged {
  const goal = sizeWithoutPreference(resources);
  let best: Merged = { affinity: all, preferred: false };
  for (const combination of combinations(resources)) {
    const candidate = merged(all, combination);
    if (candidate.affinity !== 0 && isBetter(candidate, best, goal)) best = candidate;
  }
  return best;
}

function* combinations(
  resources: readonly (readonly TopologyHint[])[],
  chosen: readonly TopologyHint[] = [],
): Generator<readonly TopologyHint[]> {
  const hints = resources[chosen.length];
  if (hints === undefined) yield chosen;
  else for (const hint of hints) yield* combinations(resources, [...chosen, hint]);
}

/** The nodes that are in all of them; preferred where they agree, and each is preferred by its resource. */
function merged(all: number, combination: readonly TopologyHint[]): Merged {
  const affinities = combination.flatMap(({ affinity }) => affinity ?? []);
  return {
    affinity: affinities.reduce((one, other) => one & other, all),
    preferred:
      combination.every(({ preferred }) => preferred) && affinities.every((affinity) => affinity === affinities[0]),
  };
}

/** Where nothing is preferred: as many nodes as the resource that needs most of them cannot do without. */
const sizeWithoutPreference = (resources: readonly (readonly TopologyHint[])[]): number =>
  Math.max(
    0,
    ...resources
      .map((hints) => hints.flatMap(({ affinity }) => (affinity === undefined ? [] : [nodeCount(affinity)])))
      .filter((sizes) => sizes.length > 0)
      .map((sizes) => Math.min(...sizes)),
  );

/** `goal`: how many nodes are wanted where neither is preferred. */
function isBetter(candidate: Merged, best: Merged, goal: number): boolean {
  if (candidate.preferred !== best.preferred) return candidate.preferred;
  const narrower = isNarrower(candidate.affinity, best.affinity);
  if (candidate.preferred) return narrower;
  const [size, bestSize] = [nodeCount(candidate.affinity), nodeCount(best.affinity)];
  if (bestSize > goal) return narrower;
  if (bestSize === goal) return size === goal && narrower;
  // Below the goal the larger one is nearer to it.
  if (size > goal) return false;
  return size === bestSize ? narrower : size > bestSize;
}
