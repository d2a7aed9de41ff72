/** The address by which a node is reached from outside. */
import { isNodeReady, type New, nodeAddress, type NodeStatus } from '../api/index.ts';

/**
 * By which address a ready node is reached from outside the cluster: its external one, else its internal one. Undefined
 * while it is not ready.
 */
export function outsideAddress(status: Pick<New<NodeStatus>, 'conditions' | 'addresses'> = {}): string | undefined {
  if (!isNodeReady({ status })) return undefined;
  return nodeAddress({ status }, 'ExternalIP') ?? nodeAddress({ status }, 'InternalIP');
}
