/** How full the volumes are that lie in a folder of this machine: as full as the file system that they are on. */
import { type PersistentVolume, type Pod, resources, timeText } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { VolumeStats } from '../kubelet/index.ts';

/** Room of a file system. */
export interface DiskRoom {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly inodes?: number | undefined;
  readonly inodesFree?: number | undefined;
}

interface LocalStatsPorts {
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly disk: (folder: string) => Promise<DiskRoom>;
}

/** Of the pod's volumes with a claim that are bound to a local volume; one whose folder cannot be read is left out. */
export async function localVolumeStats(ports: LocalStatsPorts, pod: Pod): Promise<readonly VolumeStats[]> {
  const namespace = pod.metadata.namespace ?? '';
  const claims = new Map(
    (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
      persistentVolumeClaim !== undefined
        ? [[persistentVolumeClaim.claimName, name] as const]
        : ephemeral !== undefined
          ? [[`${pod.metadata.name}-${name}`, name] as const]
          : [],
    ),
  );
  if (claims.size === 0) return [];
  const bound = ports.view.list<PersistentVolume>(resources.persistentVolumes).flatMap(({ spec, status }) => {
    const { claimRef, local, volumeMode } = spec;
    const name = claimRef?.namespace === namespace ? claims.get(claimRef.name ?? '') : undefined;
    return name === undefined || local === undefined || volumeMode === 'Block' || status?.phase !== 'Bound'
      ? []
      : [{ name, claim: claimRef?.name ?? '', folder: local.path }];
  });
  const found = await Promise.allSettled(
    bound.map(async ({ name, claim, folder }): Promise<VolumeStats> => {
      const { totalBytes, freeBytes, inodes, inodesFree } = await ports.disk(folder);
      return {
        name,
        pvcRef: { name: claim, namespace },
        time: timeText(ports.clock.now()),
        capacityBytes: totalBytes,
        usedBytes: totalBytes - freeBytes,
        availableBytes: freeBytes,
        inodes,
        inodesFree,
        inodesUsed: inodes === undefined || inodesFree === undefined ? undefined : inodes - inodesFree,
      };
    }),
  );
  return found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
