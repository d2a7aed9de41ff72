/**
 * Filters: each says of a node whether it can take a pod, and if not, why.
 *
 * The order is kube-scheduler's: the first filter that rejects a node gives the reason. A filter is prepared once for
 * a pod, so that checking a node is cheap; what it needs to know of all pods comes from the counters of the cluster
 * state.
 */
import type { Filter } from './filter.ts';
import type {} from './filter.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

export type { NodeCheck, Rejection } from './filter.ts';
export { portsFree, portsRejection } from './node-ports.ts';
export { missingResources } from './node-resources-fit.ts';
export { isReachable } from './volume-binding.ts';

export const allFilters: readonly Filter[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  volumeZone,
  dynamicResources,
  podTopologySpread,
  interPodAffinity,
];
