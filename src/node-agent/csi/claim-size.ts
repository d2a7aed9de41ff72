/** Tells a claim that its file system has grown. */
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  parseQuantity,
  quantityUnits,
  resources,
  StatusError,
} from '../../api/index.ts';
import type { CsiPorts } from './csi-ports.ts';
import type { MountJob } from './volume-work.ts';

const growing: readonly string[] = ['Resizing', 'FileSystemResizePending', 'NodeResizeError', 'ControllerResizeError'];

/** The claim's capacity becomes that of its volume, and nothing of it waits any more. */
export async function finishExpansion(ports: CsiPorts, { pod, volume }: MountJob): Promise<void> {
  const { client } = ports;
  const ref = {
    ...resources.persistentVolumeClaims,
    namespace: pod.metadata.namespace ?? '',
    name: volume.claim ?? '',
  };
  const claim = await client.get<PersistentVolumeClaim>(ref);
  const object = await client.get<PersistentVolume>({ ...resources.persistentVolumes, name: volume.specName });
  const storage = object.spec.capacity?.['storage'] ?? '0';
  // It grew again meanwhile: the next look sees to that.
  if (quantityUnits(parseQuantity(storage)) !== volume.bytes) return;
  const { status } = claim;
  const next = {
    ...status,
    capacity: { ...status?.capacity, storage },
    conditions: (status?.conditions ?? []).filter(({ type }) => !growing.includes(type)),
    allocatedResourceStatuses: undefined,
  };
  try {
    await client.update(ref, { ...claim, status: next }, { subresource: 'status', fieldManager: 'node-agent' });
  } catch (error) {
    // Another writer was faster: the next look finds what is left to tell.
    if (!(error instanceof StatusError) || error.code !== 409) throw error;
    return;
  }
  const message = `MountVolume.NodeExpandVolume succeeded for volume "${volume.specName}"`;
  ports.event(pod, { kind: 'Normal', reason: 'FileSystemResizeSuccessful', message });
}
