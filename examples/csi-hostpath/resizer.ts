/** The external resizer's part: grows volumes whose claims ask for more. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/api/index.ts';
import { bytesOf } from './provisioner.ts';
import type { Sidecar } from './sidecar.ts';

export async function resize(sidecar: Sidecar): Promise<void> {
  for (const claim of await sidecar.list<PersistentVolumeClaim>('/api/v1/persistentvolumeclaims')) {
    const wanted = bytesOf(claim.spec.resources?.requests?.['storage'] ?? '0');
    if (claim.status?.phase === 'Bound' && wanted > bytesOf(claim.status.capacity?.['storage'] ?? '0'))
      await sidecar.attempt(`grow ${claim.metadata.name}`, () => grow(sidecar, claim, wanted));
  }
}

async function grow({ api, controller, name }: Sidecar, claim: PersistentVolumeClaim, wanted: number): Promise<void> {
  const own = `/api/v1/persistentvolumes/${claim.spec.volumeName ?? ''}`;
  const volume = await api<PersistentVolume>('GET', own);
  if (volume.spec.csi?.driver !== name || bytesOf(volume.spec.capacity?.['storage'] ?? '0') >= wanted) return;
  const { capacityBytes } = await controller('ControllerExpandVolume', {
    volumeId: volume.spec.csi.volumeHandle,
    capacityRange: { requiredBytes: wanted, limitBytes: 0 },
  });
  await api('PATCH', own, { spec: { capacity: { storage: String(capacityBytes) } } });
  const { namespace, name: claimName } = claim.metadata;
  await api('PATCH', `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${claimName}/status`, {
    status: {
      conditions: [
        {
          type: 'FileSystemResizePending',
          status: 'True',
          message: 'Waiting for user to (re-)start a pod',
          lastTransitionTime: new Date().toISOString(),
        },
      ],
    },
  });
}
