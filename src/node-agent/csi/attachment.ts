/** Waits until a volume is attached to the node, as the attach-detach controller and the driver's attacher say. */
import { type Node, type Pod, resources, StatusError, type VolumeAttachment } from '../../api/index.ts';
import { delay } from '../../base/index.ts';
import { attachableName, attachmentName } from '../../protocol/index.ts';
import { VolumeSetupError } from '../volumes/index.ts';
import type { CsiPorts } from './csi-ports.ts';
import type { CsiVolume } from './volume-facts.ts';

const lookEveryMs = 100;
const attachMs = 120_000;

/**
 * Resolves with what the attacher wants the driver to know (its publish context). Before, the Node's status must show
 * that the volume is in use here: then the controller does not detach it behind our back. Rejects with
 * VolumeSetupError when that takes too long, or when nobody wants the volume any more.
 */
export async function attachedContext(
  ports: CsiPorts,
  node: string,
  { volume, isWanted }: { readonly volume: CsiVolume; readonly isWanted: () => boolean },
): Promise<Readonly<Record<string, string>>> {
  const name = attachableName(volume.driver, volume.handle);
  const end = ports.clock.monotonic() + attachMs;
  for (;;) {
    if (!isWanted()) throw new VolumeSetupError(`volume ${volume.specName} is not wanted any more`);
    const { volumesInUse = [], volumesAttached = [] } =
      ports.view.get<Node>(resources.nodes, undefined, node)?.status ?? {};
    if (volumesInUse.includes(name) && volumesAttached.some((attached) => attached.name === name)) {
      const attachment = await readAttachment(ports, attachmentName(volume.driver, volume.handle, node));
      if (attachment?.status?.attached === true && attachment.metadata.deletionTimestamp === undefined)
        return attachment.status.attachmentMetadata ?? {};
    }
    if (ports.clock.monotonic() > end)
      throw new VolumeSetupError(
        `timed out waiting for external-attacher of ${volume.driver} CSI driver to attach volume ${volume.handle}`,
      );
    await delay(ports.timers, lookEveryMs);
  }
}

async function readAttachment({ client }: CsiPorts, name: string): Promise<VolumeAttachment | undefined> {
  try {
    return await client.get<VolumeAttachment>({ ...resources.volumeAttachments, name });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

/** Whether the pod is still to run here. */
export function isPodWanted(ports: CsiPorts, { metadata }: Pod): boolean {
  const shown = ports.view.get<Pod>(resources.pods, metadata.namespace, metadata.name ?? '');
  return shown?.metadata.uid === metadata.uid && shown?.metadata.deletionTimestamp === undefined;
}
