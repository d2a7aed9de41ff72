/** The filter VolumeBinding: volumes that the node can reach, or could get. */
import {
  findVolume,
  labelSelectorMatches,
  type Labels,
  nodeTermMatches,
  parseQuantity,
  type PersistentVolume,
  volumeAnnotations,
} from '../../api/index.ts';
import type { ClusterState, Lookup } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import { podVolumes, type WaitingClaim } from '../pod-volumes.ts';
import type { Filter, NodeCheck, Rejection } from './filter.ts';

const rejection = (reason: string): Rejection => ({ reasons: [reason], resolvable: false });
const conflict = rejection("node(s) didn't match PersistentVolume's node affinity");
const noneFound = rejection("node(s) didn't find available persistent volumes to bind");
const noRoom = rejection('node(s) did not have enough free storage');
const elsewhere = rejection('node(s) is not the one that the volume is being provisioned for');

/** Whether pods on the node can use the volume. */
export function isReachable({ spec }: PersistentVolume, node: NodeState): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => nodeTermMatches(term, node));
}

/** Claims must be bound, or the node must be one where they can be; bound volumes must be reachable from the node. */
export const volumeBinding: Filter = {
  name: 'VolumeBinding',
  prepare: (pod, cluster) => {
    if (pod.claims.length === 0) return undefined;
    const volumes = podVolumes(pod.pod, cluster.lookup);
    if ('refusal' in volumes) return volumes;
    const restricted = volumes.bound.filter(({ spec }) => spec.nodeAffinity?.required !== undefined);
    const checks = volumes.waiting.map((each) => claimCheck(each, cluster));
    if (restricted.length === 0 && checks.length === 0) return undefined;
    return (node) => {
      if (!restricted.every((volume) => isReachable(volume, node))) return conflict;
      for (const check of checks) {
        const rejected = check(node);
        if (rejected !== undefined) return rejected;
      }
      return undefined;
    };
  },
};

/** Whether a claim without a volume could have one on a node: one that is there, or one made for it. */
function claimCheck({ claim, storageClass }: WaitingClaim, { lookup }: ClusterState): NodeCheck {
  const selected = claim.metadata.annotations?.[volumeAnnotations.selectedNode];
  if (selected !== undefined) return (node) => (node.name === selected ? undefined : elsewhere);
  const { provisioner = '', allowedTopologies } = storageClass;
  const isProvisioned = provisioner !== '' && provisioner !== 'kubernetes.io/no-provisioner';
  const hasRoom = isProvisioned ? roomCheck({ claim, storageClass }, lookup) : undefined;
  const existing = lookup.volumesOfClass(storageClass.metadata.name);
  return (node) => {
    const reachable = existing.filter((volume) => isReachable(volume, node));
    if (reachable.length > 0 && findVolume(claim, reachable, false) !== undefined) return undefined;
    if (!isProvisioned) return noneFound;
    if (!isAllowed(allowedTopologies, node.labels)) return noneFound;
    return hasRoom?.(node) === false ? noRoom : undefined;
  };
}

interface TopologyTerm {
  readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[] | undefined;
}

function isAllowed(terms: readonly TopologyTerm[] | undefined, labels: Labels): boolean {
  if (terms === undefined || terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
  );
}

/** What the driver reports of free room (CSIStorageCapacity); undefined: it reports nothing. */
function roomCheck({ claim, storageClass }: WaitingClaim, lookup: Lookup): ((node: NodeState) => boolean) | undefined {
  if (lookup.csiDriver(storageClass.provisioner ?? '')?.spec.storageCapacity !== true) return undefined;
  const wanted = parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0').nanos;
  const rooms = lookup
    .capacities()
    .filter((each) => each.storageClassName === storageClass.metadata.name)
    .filter((each) => parseQuantity(each.maximumVolumeSize ?? each.capacity ?? '0').nanos >= wanted);
  return (node) =>
    rooms.some(({ nodeTopology }) => nodeTopology !== undefined && labelSelectorMatches(nodeTopology, node.labels));
}
