/** The filter NodePorts: free host ports. */
import type { NodeState } from '../node-state.ts';
import type { HostPort } from '../../api/index.ts';
import type { PlacedInfo } from '../pod-info.ts';
import type { Filter, Rejection } from './filter.ts';

export const portsRejection: Rejection = {
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  resolvable: true,
};
const anyAddress = '0.0.0.0';

function isTaken(node: NodeState, port: HostPort): boolean {
  const addresses = node.hostPorts.get(`${port.protocol}/${String(port.port)}`);
  if (addresses === undefined) return false;
  return port.address === anyAddress || addresses.includes(anyAddress) || addresses.includes(port.address);
}

/** Whether the pod's host ports are free on the node. The unspecified address clashes with every address. */
export function portsFree(pod: PlacedInfo, node: NodeState): boolean {
  return !pod.hostPorts.some((port) => isTaken(node, port));
}

export const nodePorts: Filter = {
  name: 'NodePorts',
  prepare: (pod) =>
    pod.hostPorts.length === 0 ? undefined : (node) => (portsFree(pod, node) ? undefined : portsRejection),
};
