/** Names by which the control plane and a node speak of a CSI volume. */
import { sha256 } from '../api/index.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The name of the VolumeAttachment of a volume and a node, as Kubernetes makes it. */
export function attachmentName(driver: string, handle: string, node: string): string {
  return `csi-${hex(sha256(handle + driver + node))}`;
}

/** The name of a volume in a Node's status (volumesInUse, volumesAttached). */
export const attachableName = (driver: string, handle: string): string => `kubernetes.io/csi/${driver}^${handle}`;
