import { type ClusterState, zoneLabel } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { domainCounts, prepareConstraints } from '../spread.ts';
import { type Score, scoreMax } from './score.ts';

const hostname = 'kubernetes.io/hostname';
/** A pod without constraints is spread over nodes (skew 3) and zones (skew 5) all the same. */
const defaultSkew = { node: 3, zone: 5 };

/** Prefers domains with few matching pods: those of the pod's constraints, or else siblings of the same controller. */
export const topologySpread: Score = {
  name: 'PodTopologySpread',
  weight: 2,
  score: (pod, nodes, cluster) => {
    const own = prepareConstraints(pod, cluster, 'ScheduleAnyway');
    if (own.length > 0) {
      const raw = new Float64Array(nodes.length);
      for (const prepared of own) {
        const { topologyKey, maxSkew } = prepared.constraint;
        const counts = topologyKey === hostname ? undefined : domainCounts(prepared, cluster.order);
        const domains = counts?.size ?? nodes.length;
        for (const [index, node] of nodes.entries()) {
          const count = counts === undefined ? prepared.counter.onNode(node.name) : (counts.get(node.labels[topologyKey] ?? '') ?? 0);
          raw[index] = (raw[index] ?? 0) + count * Math.log(domains + 2) + (maxSkew - 1);
        }
      }
      return flipped(raw);
    }
    // A pod that only has hard constraints has said how it is to be spread.
    return (pod.pod.spec.topologySpreadConstraints ?? []).length > 0 ? undefined : siblingScores(pod, nodes, cluster);
  },
};

function siblingScores(pod: PodInfo, nodes: readonly NodeState[], cluster: ClusterState): ArrayLike<number> | undefined {
  const owner = pod.ownerUid;
  if (owner === undefined) return undefined;
  const raw = new Float64Array(nodes.length);
  const nodeWeight = Math.log(nodes.length + 2);
  let some = false;
  for (const [index, node] of nodes.entries()) {
    const count = node.siblings.get(owner) ?? 0;
    if (count > 0) some = true;
    raw[index] = count * nodeWeight + defaultSkew.node - 1;
  }
  const zones = new Set(nodes.map((node) => node.labels[zoneLabel]));
  zones.delete(undefined);
  if (zones.size > 1) {
    const counts = cluster.siblingsByZone(owner);
    for (const [index, node] of nodes.entries()) raw[index] = (raw[index] ?? 0) + (counts.get(node.labels[zoneLabel] ?? '') ?? 0) * Math.log(zones.size + 2) + defaultSkew.zone - 1;
    some = some || counts.size > 0;
  }
  return some ? flipped(raw) : undefined;
}

/** Fewest is best: the least crowded node gets the full score. */
function flipped(raw: Float64Array): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of raw) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (most === 0) return raw.fill(scoreMax);
  return raw.map((value) => Math.floor((scoreMax * (most + least - value)) / most));
}
