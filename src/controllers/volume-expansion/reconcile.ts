/** Decides whether a claim waits for an external resizer. Pure. */
import { parseQuantity, type PersistentVolume, type PersistentVolumeClaim } from '../../api/index.ts';
import type { Note } from '../runtime/index.ts';

const sizeOf = (amounts: Readonly<Record<string, string>> | undefined): bigint =>
  parseQuantity(amounts?.['storage'] ?? '0').nanos;

/** What the claim is told when it asks for more than it has; undefined: it does not. */
export function expansionNote(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): Note | undefined {
  if (claim.status?.phase !== 'Bound' || claim.status.capacity === undefined || volume === undefined) return undefined;
  const wanted = sizeOf(claim.spec.resources?.requests);
  if (wanted <= sizeOf(claim.status.capacity) || wanted <= sizeOf(volume.spec.capacity)) return undefined;
  const who = volume.spec.csi?.driver;
  return who === undefined
    ? {
        type: 'Warning',
        reason: 'VolumeResizeFailed',
        message: `volume "${volume.metadata.name}" cannot grow: only volumes of CSI drivers can`,
      }
    : {
        type: 'Normal',
        reason: 'ExternalExpanding',
        message: `waiting for an external controller to expand this PVC: the resizer of ${who}`,
      };
}
