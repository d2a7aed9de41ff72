/** The score PodTopologySpread: domains with few matching pods. */
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { domainCounts, prepareConstraints } from '../spread.ts';
import { type Score, scoreMax } from './score.ts';

const hostname = 'kubernetes.io/hostname';
/** What stands for the crowd on a node that is in no domain of some constraint: such a node is the last choice. */
const outside = -1;
/** A pod without constraints is spread over nodes (skew 3) and zones (skew 5) all the same. */
const defaultSkew = { node: 3, zone: 5 };

/** Prefers domains with few matching pods: those of the pod's constraints, or else siblings of the same controller. */
export const topologySpread: Score = {
  name: 'PodTopologySpread',
  weight: 2,
  score: (pod, nodes, cluster) => {
    const own = prepareConstraints(pod, cluster, 'ScheduleAnyway');
    if (own.length > 0) {
      const raw = Float64Array.from(nodes, (node) =>
        own.every(({ constraint }) => node.labels[constraint.topologyKey] !== undefined) ? 0 : outside,
      );
      for (const prepared of own) {
        const { topologyKey, maxSkew } = prepared.constraint;
        const counts = topologyKey === hostname ? undefined : domainCounts(prepared, cluster);
        const weight = Math.log((counts?.size ?? nodes.length) + 2);
        for (let i = 0; i < nodes.length; i++) {
          if (raw[i] === outside) continue;
          const node = nodes[i] as NodeState;
          const count = counts === undefined ? prepared.counter.onNode(node) : counts.at(node.slot);
          raw[i] = (raw[i] ?? 0) + count * weight + (maxSkew - 1);
        }
      }
      return flipped(raw);
    }
    // A pod that only has hard constraints has said how it is to be spread.
    return (pod.pod.spec.topologySpreadConstraints ?? []).length > 0 ? undefined : siblingScores(pod, nodes, cluster);
  },
};

function siblingScores(
  pod: PodInfo,
  nodes: readonly NodeState[],
  cluster: ClusterState,
): ArrayLike<number> | undefined {
  const owner = pod.ownerUid;
  if (owner === undefined) return undefined;
  const byZone = cluster.siblingsByZone(owner);
  const zones = zonesAmong(nodes);
  const raw = new Float64Array(nodes.length);
  const nodeWeight = Math.log(nodes.length + 2);
  const zoneWeight = zones > 1 ? Math.log(zones + 2) : 0;
  const base = defaultSkew.node - 1 + (zones > 1 ? defaultSkew.zone - 1 : 0);
  let some = zones > 1 && byZone.size > 0;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as NodeState;
    const count = node.siblings.size === 0 ? 0 : (node.siblings.get(owner) ?? 0);
    if (count > 0) some = true;
    raw[i] =
      base +
      count * nodeWeight +
      (zoneWeight === 0 || node.zone === undefined ? 0 : zoneWeight * (byZone.get(node.zone) ?? 0));
  }
  return some ? flipped(raw) : undefined;
}

function zonesAmong(nodes: readonly NodeState[]): number {
  const zones = new Set<string>();
  let last: string | undefined;
  for (const node of nodes) {
    if (node.zone === undefined || node.zone === last) continue;
    last = node.zone;
    zones.add(node.zone);
  }
  return zones.size;
}

/** Fewest is best: the least crowded node gets the full score, one outside of the domains none. */
function flipped(raw: Float64Array): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of raw) {
    if (value === outside) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  for (let i = 0; i < raw.length; i++) {
    const value = raw[i] ?? 0;
    raw[i] = value === outside ? 0 : most === 0 ? scoreMax : Math.floor((scoreMax * (most + least - value)) / most);
  }
  return raw;
}
