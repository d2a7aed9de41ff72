/** Warnings about the spec of a PersistentVolumeClaim. */

import { isWholeQuantity, parseQuantity } from '../../machinery/index.ts';
import type { PersistentVolumeClaimSpec } from '../types/volume.ts';

/** Warnings about the spec of a claim, wherever it stands: storage in parts of bytes. */
export function claimSpecWarnings(spec: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const amount = spec.resources?.[list]?.['storage'];
    if (amount === undefined || isWholeQuantity(parseQuantity(amount))) return [];
    return [`${path}.resources.${list}[storage]: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}
