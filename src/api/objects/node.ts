/** Rules about nodes that every component shares. */
import type { KubeObject } from '../object.ts';
import { isConditionTrue } from './conditions.ts';
import type { NodeSpec, NodeStatus } from './generated/core-v1.ts';
import type { View } from './views.ts';

type WithStatus = { readonly status?: Pick<View<NodeStatus>, 'addresses' | 'conditions'> | undefined };

/** The node's first address of the type, such as InternalIP; undefined when it has none. */
export function nodeAddress(node: WithStatus | undefined, type: string): string | undefined {
  return node?.status?.addresses?.find((address) => address.type === type)?.address;
}

/** All of the node's addresses of the type. */
export function nodeAddresses(node: WithStatus, type: string): readonly string[] {
  return (node.status?.addresses ?? [])
    .filter((address) => address.type === type)
    .flatMap(({ address }) => address ?? []);
}

/** Whether the node's condition Ready is true. */
export function isNodeReady({ status }: WithStatus): boolean {
  return isConditionTrue(status?.conditions, 'Ready');
}

/** Whether the node is closed to new pods (cordoned). */
export function isUnschedulable({
  spec,
}: {
  readonly spec?: Pick<View<NodeSpec>, 'unschedulable'> | undefined;
}): boolean {
  return spec?.unschedulable === true;
}

/** The taint of a node that the cluster autoscaler is about to remove. */
const removalTaint = 'ToBeDeletedByClusterAutoscaler';

/** Whether the node is about to go, so that nobody new should be sent to it. */
export function isLeaving({
  metadata,
  spec,
}: Pick<KubeObject, 'metadata'> & { readonly spec?: Pick<View<NodeSpec>, 'taints'> | undefined }): boolean {
  return metadata.deletionTimestamp !== undefined || (spec?.taints ?? []).some(({ key }) => key === removalTaint);
}

/** The ranges of the node's pods, one for each address family. */
export function podRangesOf({ podCIDR, podCIDRs }: Pick<View<NodeSpec>, 'podCIDR' | 'podCIDRs'>): readonly string[] {
  const all = podCIDRs === undefined || podCIDRs.length === 0 ? [podCIDR ?? ''] : podCIDRs;
  return all.filter((range) => range !== '');
}

/** The label by which a node says in which zone it is. */
export const zoneLabel = 'topology.kubernetes.io/zone';

export const zoneOf = ({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined => metadata.labels?.[zoneLabel];
