/** Warnings about the spec of a PersistentVolumeClaim. */

import type { PersistentVolumeClaimSpec, Sent } from '../../objects/index.ts';
import { isWholeQuantity, parseQuantity } from '../../machinery/index.ts';

/** Warnings about the spec of a claim, wherever it stands: storage in parts of bytes. */
export function claimSpecWarnings(spec: Sent<PersistentVolumeClaimSpec>, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const amount = spec.resources?.[list]?.['storage'];
    if (amount === undefined || isWholeQuantity(parseQuantity(amount))) return [];
    return [`${path}.resources.${list}[storage]: fractional byte value "${amount}" is invalid, must be an integer`];
  });
}
