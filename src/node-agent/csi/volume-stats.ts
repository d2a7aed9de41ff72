/** How full a pod's CSI volumes are, as their drivers say: part of the kubelet's stats summary. */
import { timeText } from '../../api/index.ts';
import type { VolumeStats } from '../kubelet/index.ts';
import type { Drivers } from './driver-registry.ts';
import type { PublishedRecord } from './volume-records.ts';

/** Volumes whose driver cannot tell, or does not answer, are left out. `now`: wall-clock ms. */
export async function volumeStats(
  drivers: Drivers,
  published: readonly PublishedRecord[],
  now: number,
): Promise<readonly VolumeStats[]> {
  const answers = await Promise.allSettled(
    published.filter(({ phase }) => phase === 'complete').map((record) => statsOf(drivers, record, now)),
  );
  return answers.flatMap((answer) =>
    answer.status === 'fulfilled' && answer.value !== undefined ? [answer.value] : [],
  );
}

async function statsOf(drivers: Drivers, record: PublishedRecord, now: number): Promise<VolumeStats | undefined> {
  const service = drivers.service(record.driver);
  if (!(await service.abilities()).has('GET_VOLUME_STATS')) return undefined;
  const usage = await service.usage({
    volumeId: record.handle,
    volumePath: record.targetPath,
    stagingTargetPath: record.stagingPath ?? '',
  });
  const bytes = usage.find(({ unit }) => unit === 'BYTES');
  const inodes = usage.find(({ unit }) => unit === 'INODES');
  return {
    name: record.volume,
    pvcRef: record.claim === undefined ? undefined : { name: record.claim, namespace: record.namespace },
    time: timeText(now),
    capacityBytes: bytes?.total,
    usedBytes: bytes?.used,
    availableBytes: bytes?.available,
    inodes: inodes?.total,
    inodesUsed: inodes?.used,
    inodesFree: inodes?.available,
  };
}
