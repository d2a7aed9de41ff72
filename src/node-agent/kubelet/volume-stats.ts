/** How full volumes are, in the kubelet's words, and the metrics that are made of it. */
import type { MetricFamily } from './exposition.ts';

/** The kubelet's stats API, VolumeStats. Bytes and numbers of inodes. */
export interface VolumeStats {
  readonly name: string;
  readonly pvcRef?: { readonly name: string; readonly namespace: string } | undefined;
  readonly time: string;
  readonly capacityBytes?: number | undefined;
  readonly usedBytes?: number | undefined;
  readonly availableBytes?: number | undefined;
  readonly inodes?: number | undefined;
  readonly inodesUsed?: number | undefined;
  readonly inodesFree?: number | undefined;
}

const measures = [
  ['capacityBytes', 'capacity_bytes', 'Size of the volume, in bytes.'],
  ['availableBytes', 'available_bytes', 'Bytes of the volume that are free.'],
  ['usedBytes', 'used_bytes', 'Bytes of the volume that are in use.'],
  ['inodes', 'inodes', 'Inodes of the volume.'],
  ['inodesFree', 'inodes_free', 'Inodes of the volume that are free.'],
  ['inodesUsed', 'inodes_used', 'Inodes of the volume that are in use.'],
] as const;

/** One series for each claim, however many pods use it. */
export function volumeMetrics(volumes: readonly VolumeStats[]): readonly MetricFamily[] {
  const byClaim = new Map(volumes.map((volume) => [`${volume.pvcRef?.namespace}/${volume.pvcRef?.name}`, volume]));
  return measures.map(([field, name, help]) => ({
    name: `kubelet_volume_stats_${name}`,
    type: 'gauge',
    help,
    series: [...byClaim.values()].flatMap(({ pvcRef, [field]: value }) =>
      pvcRef === undefined || value === undefined
        ? []
        : [{ labels: { namespace: pvcRef.namespace, persistentvolumeclaim: pvcRef.name }, value }],
    ),
  }));
}
